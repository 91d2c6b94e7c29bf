/** From a bundle to the statement inside, without a word on whether to believe it. */
import { createWriteStream } from "node:fs";
import { join } from "node:path";
import { Readable } from "node:stream";
import { pipeline } from "node:stream/promises";

import type { File } from "@dagger.io/dagger";

import { AttestError } from "../error.js";
import { fileSource } from "../signing/source.js";
import { readBundle } from "../verification/bundle/read.js";
import type { Attestation } from "./attestation.js";
import { localFile, scratchDirectory } from "./files.js";
import { loadStatementFrom } from "./load.js";

/** Reads a bundle's statement; refuses a bundle that signs a file directly (BUNDLE_INVALID). */
export async function readStatementOf(bundle: File): Promise<Attestation> {
  return loadStatementFrom(await statementFileOf(bundle), "not verified");
}

/** Writes a bundle's statement to this function's disk; returns the path. */
export async function statementFileOf(bundle: File): Promise<string> {
  const { content } = await readBundle(await fileSource(await localFile(bundle)));
  if (content.kind !== "envelope") {
    throw new AttestError("BUNDLE_INVALID", "the bundle signs a file directly and holds no statement", {
      next: "Verify it against that file instead.",
    });
  }
  const path = join(await scratchDirectory(), "statement.json");
  await pipeline(Readable.from(content.payload.chunks()), createWriteStream(path));
  return path;
}
