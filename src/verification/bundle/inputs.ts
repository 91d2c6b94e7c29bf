import { AttestError } from "../../error.js";
import { partOf, type ByteSource } from "../../signing/source.js";
import type { BundleInput } from "../request.js";

/** As many as one statement may have subjects; a file with more is no answer to a question about one artifact. */
const mostBundles = 1024;
const lineFeed = 0x0a;

/**
 * The bundles in a file: one, or with a name that ends in `.jsonl` one on each line, as in `*.intoto.jsonl`,
 * `*.sigstore.jsonl` and what `gh attestation download` writes.
 *
 * A line that can't be read is a bundle of its own that does not verify: it can't hide the others.
 *
 * @param name the file's name; lines are called `name:1`, `name:2`
 * @throws AttestError LIMIT_EXCEEDED with more lines than are read
 */
export async function bundleInputs(source: ByteSource, name: string): Promise<BundleInput[]> {
  return name.endsWith(".jsonl") ? splitLines(source, name) : [{ name, source }];
}

async function splitLines(source: ByteSource, name: string): Promise<BundleInput[]> {
  const inputs: BundleInput[] = [];
  let line = 0;
  for await (const { start, end, isBlank } of lineRanges(source)) {
    line += 1;
    if (isBlank) continue;
    if (inputs.length === mostBundles)
      throw new AttestError("LIMIT_EXCEEDED", `${name} has more than ${mostBundles} bundles`, {
        next: "Give the ones that are about the artifact.",
      });
    inputs.push({ name: `${name}:${line}`, source: partOf(source, start, end) });
  }
  return inputs;
}

type Line = { readonly start: number; readonly end: number; readonly isBlank: boolean };

async function* lineRanges(source: ByteSource): AsyncGenerator<Line> {
  let at = 0;
  let start = 0;
  let isBlank = true;
  for await (const chunk of source.chunks()) {
    let from = 0;
    while (from < chunk.length) {
      const found = chunk.indexOf(lineFeed, from);
      const to = found < 0 ? chunk.length : found;
      isBlank &&= chunk.subarray(from, to).every((byte) => byte === 0x20 || byte === 0x09 || byte === 0x0d);
      if (found >= 0) {
        yield { start, end: at + to, isBlank };
        start = at + to + 1;
        isBlank = true;
      }
      from = to + 1;
    }
    at += chunk.length;
  }
  if (start < at) yield { start, end: at, isBlank };
}
