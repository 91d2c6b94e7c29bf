import { join } from "node:path";

import { dag } from "@dagger.io/dagger";

import { scannerFailure } from "../sbom/failure.js";
import { finishSbom } from "../sbom/finish.js";
import { formatInstant } from "../sbom/instant.js";
import { scanPlan } from "../sbom/plan.js";
import { predicateTypeOf } from "../sbom/predicate-type.js";
import type { SbomFormat, SbomScanner } from "../sbom/types.js";
import { Attestation } from "./attestation.js";
import { localFile, returnedFile, scratchDirectory } from "./files.js";
import { chooseTarget, runScan, type TargetArguments } from "./scan.js";
import { exposeSubject } from "./subject.js";

export type SbomArguments = TargetArguments & {
  readonly name: string | undefined;
  readonly scanner: SbomScanner;
  readonly format: SbomFormat;
  readonly created: string;
  /** The image that each scanner runs from. */
  readonly images: Readonly<Record<SbomScanner, string>>;
};

/** Scans the one value that is given and makes an attestation of the result about it. */
export async function attestSbom(given: SbomArguments): Promise<Attestation> {
  const target = chooseTarget(given, "an SBOM is made of one thing");
  // Refused before anything is scanned.
  const created = formatInstant(given.created);
  const name = await target.name(given.name);
  const request = {
    scanner: given.scanner,
    format: given.format,
    source: target.source,
    name,
    ...(given.file === undefined ? {} : { fileName: await given.file.name() }),
  };
  const plan = scanPlan(request);
  // Both read the whole input, so they do it at the same time.
  const [{ subjects, notes }, scan] = await Promise.all([
    target.describe(name),
    runScan(dag.container().from(given.images[given.scanner]), plan, target),
  ]);
  const stderr = await scan.stderr();
  const exitCode = await scan.exitCode();
  if (exitCode !== 0) throw scannerFailure({ scanner: given.scanner, exitCode, stderr });

  const predicatePath = join(await scratchDirectory(), "sbom.json");
  const outputPath = await localFile(scan.file(plan.outputPath));
  const summary = await finishSbom({
    request,
    plan,
    outputPath,
    stderr,
    created,
    predicatePath,
  });
  for (const warning of summary.warnings) console.warn(`warning: ${warning}`);
  return new Attestation(
    predicateTypeOf(given.format),
    returnedFile(predicatePath),
    subjects.map(exposeSubject),
    [...notes, summary.text].join("\n"),
  );
}
