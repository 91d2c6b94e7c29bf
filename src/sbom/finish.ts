import { readFile, stat, writeFile } from "node:fs/promises";
import { dirname } from "node:path";

import { AttestError } from "../error.js";
import { normaliseSbom } from "./normalise.js";
import { jsonPieces } from "./pieces.js";
import type { ScanPlan, ScanRequest } from "./plan.js";
import { summariseSbom, type SbomSummary } from "./summary.js";
import { validateSbom } from "./validate.js";

export type FinishSbomOptions = {
  readonly request: ScanRequest;
  readonly plan: ScanPlan;
  /** Path of the file that the scanner wrote. */
  readonly outputPath: string;
  /** What the scanner printed on stderr; the last lines stand in the error. */
  readonly stderr: string;
  /** The instant that the SBOM says it was made: RFC 3339 in UTC, or seconds since 1970. */
  readonly created: string | number;
  /** Where the normalised SBOM goes: the predicate's bytes. */
  readonly predicatePath: string;
};

/** The longest string that Node.js holds is a little longer than this. */
const largestSbom = 512 * 1024 * 1024 - 1024;

/**
 * From what a scanner wrote to a predicate: parsed, validated, normalised, written as compact JSON,
 * summarised.
 *
 * @throws AttestError SBOM_INVALID, ARGUMENT_INVALID for `created`, LIMIT_EXCEEDED over 512 MiB
 */
export async function finishSbom(options: FinishSbomOptions): Promise<SbomSummary> {
  const { request, plan, stderr, created } = options;
  const { format, name } = request;
  const document = await validateSbom({ text: await readText(options.outputPath), format, stderr });
  const normalised = normaliseSbom(document, {
    format,
    created,
    name,
    ...(request.version === undefined ? {} : { version: request.version }),
    ...inputRoot(request, plan),
  });
  await writeFile(options.predicatePath, batches(jsonPieces(normalised)));
  return summariseSbom(normalised, format, name);
}

/** Paths in an image are the image's own; those of a directory or file carry where they were mounted. */
function inputRoot({ source }: ScanRequest, { mountPath }: ScanPlan): { readonly inputRoot?: string } {
  if (source === "image") return {};
  return { inputRoot: source === "file" ? dirname(mountPath) : mountPath };
}

async function readText(path: string): Promise<string> {
  const { size } = await stat(path);
  if (size <= largestSbom) return readFile(path, "utf8");
  throw new AttestError("LIMIT_EXCEEDED", "the SBOM is too large", {
    problems: [{ path: "", expected: `at most ${largestSbom} bytes`, got: `${size} bytes` }],
    next: "Scan parts of the input, and attest each.",
  });
}

const batchLength = 1 << 20;

/** The same text in pieces of about a MiB: one write each. */
function* batches(pieces: Iterable<string>): Generator<string> {
  let batch: string[] = [];
  let length = 0;
  for (const piece of pieces) {
    batch.push(piece);
    length += piece.length;
    if (length < batchLength) continue;
    yield batch.join("");
    batch = [];
    length = 0;
  }
  yield batch.join("");
}
