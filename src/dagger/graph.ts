/** Pictures of provenance. */
import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";

import type { File } from "@dagger.io/dagger";

import { AttestError } from "../error.js";
import { parseJson } from "../json/parse.js";
import { graph } from "../provenance/graph/html.js";
import { mermaid } from "../provenance/graph/mermaid.js";
import { type Build, readBuild } from "../provenance/graph/read.js";
import { provenancePredicateType } from "../provenance/slsa/types.js";
import { localFile, returnedFile, scratchDirectory } from "./files.js";

/** The page of a predicate, as `provenance.html`. */
export async function graphFile(predicateType: string, predicate: File, title: string): Promise<File> {
  const { evidence, completeness } = await buildIn(predicateType, predicate);
  const path = join(await scratchDirectory(), "provenance.html");
  await writeFile(path, graph(evidence, title, completeness));
  return returnedFile(path);
}

/** The flowchart of a predicate. */
export async function mermaidText(predicateType: string, predicate: File): Promise<string> {
  return mermaid((await buildIn(predicateType, predicate)).evidence);
}

async function buildIn(predicateType: string, predicate: File): Promise<Build> {
  if (predicateType !== provenancePredicateType)
    throw new AttestError("PREDICATE_INVALID", "only provenance has a picture", {
      problems: [{ path: "predicateType", expected: provenancePredicateType, got: predicateType }],
      next: "Take the attestation that `provenance` gave.",
    });
  return readBuild(parseJson(await readFile(await localFile(predicate))));
}
