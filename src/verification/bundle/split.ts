import { AttestError } from "../../error.js";
import { createJsonScanner } from "../../json/scan.js";
import type { ByteSource } from "../../signing/source.js";
import type { BundleLimits } from "./types.js";

/** A bundle in two parts: everything but the payload, in memory, and where the payload stands. */
export type SplitBundle = {
  /** The JSON text with a short payload in the place of the real one. */
  readonly shell: Buffer;
  /** The characters between the payload's quotes. */
  readonly payload: { readonly start: number; readonly end: number } | undefined;
};

/** Stands in for the payload while everything else is looked at. */
const placeholder = Buffer.from('"AA=="');

/**
 * Reads a bundle of any size once, strictly, and holds no more of it than `limits.materialBytes`.
 *
 * @throws AttestError JSON_INVALID, LIMIT_EXCEEDED
 */
export async function splitBundle(source: ByteSource, limits: BundleLimits): Promise<SplitBundle> {
  const found = findPayload();
  const scanner = createJsonScanner(found.visitor);
  const pieces: Buffer[] = [];
  let kept = 0;
  let at = 0;
  for await (const chunk of source.chunks()) {
    scanner.write(chunk);
    for (const piece of outside(chunk, at, found.range())) {
      pieces.push(Buffer.from(piece));
      kept += piece.length;
    }
    if (kept > limits.materialBytes) throw tooMuchMaterial(limits);
    at += chunk.length;
  }
  scanner.end();
  return { shell: Buffer.concat(pieces), payload: contentOf(found.range()) };
}

type Range = { start: number; end: number } | undefined;

/** Listens for the first string at `payload` or `dsseEnvelope.payload`. */
function findPayload() {
  const keys: string[] = [];
  let start: number | undefined;
  let end = Infinity;
  const isPayload = (depth: number): boolean =>
    (depth === 1 && keys[0] === "payload") ||
    (depth === 2 && keys[0] === "dsseEnvelope" && keys[1] === "payload");
  return {
    visitor: {
      depth: 2,
      key: (depth: number, name: string) => {
        keys.length = depth - 1;
        keys.push(name);
      },
      valueStart: (depth: number, kind: string, offset: number) => {
        if (start === undefined && kind === "string" && isPayload(depth)) start = offset;
      },
      valueEnd: (depth: number, kind: string, offset: number) => {
        if (start !== undefined && end === Infinity && kind === "string" && isPayload(depth)) end = offset;
      },
    },
    range: (): Range => (start === undefined ? undefined : { start, end }),
  };
}

/** The parts of a chunk that lie outside the range; the placeholder where the range begins. */
function outside(chunk: Uint8Array, at: number, range: Range): Uint8Array[] {
  if (range === undefined) return [chunk];
  const beginsHere = range.start >= at && range.start < at + chunk.length;
  return [
    chunk.subarray(0, Math.max(0, range.start - at)),
    ...(beginsHere ? [placeholder] : []),
    chunk.subarray(Math.min(chunk.length, Math.max(0, range.end - at))),
  ];
}

/** Without the quotes. */
function contentOf(range: Range): SplitBundle["payload"] {
  return range === undefined ? undefined : { start: range.start + 1, end: range.end - 1 };
}

function tooMuchMaterial(limits: BundleLimits): AttestError {
  return new AttestError("LIMIT_EXCEEDED", "the bundle is larger than what is read", {
    problems: [
      { path: "", expected: `at most ${limits.materialBytes} bytes besides the payload`, got: "more" },
    ],
  });
}
