/** Pieces of a JSON text as they stand there: numbers, escapes and the order of members survive, as no parsed value keeps them. */
import { createJsonScanner, type JsonScanOptions } from "./scan.js";

/** A member of an object: its name, escapes resolved, and its value as it was written. */
export type RawMember = { readonly name: string; readonly text: string };

/**
 * The members of the object that a text is, in their order; none of anything else.
 * @throws AttestError JSON_INVALID or LIMIT_EXCEEDED
 */
export function rawMembers(bytes: Uint8Array, options: JsonScanOptions = {}): RawMember[] {
  return pieces(bytes, options).flatMap(({ name, text }) => (name === undefined ? [] : [{ name, text }]));
}

/** The items of the array that a text is; none of anything else. @throws AttestError as {@link rawMembers} */
export function rawItems(bytes: Uint8Array, options: JsonScanOptions = {}): string[] {
  return pieces(bytes, options).flatMap(({ name, text }) => (name === undefined ? [text] : []));
}

function pieces(bytes: Uint8Array, options: JsonScanOptions) {
  const found: { readonly name: string | undefined; readonly text: string }[] = [];
  const view = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  let name: string | undefined;
  let from = 0;
  const scanner = createJsonScanner(
    {
      depth: 1,
      key: (_, key) => (name = key),
      valueStart: (depth, _, start) => {
        if (depth === 1) from = start;
      },
      valueEnd: (depth, _, end) => {
        if (depth === 1) found.push({ name, text: view.toString("utf8", from, end) });
      },
    },
    options,
  );
  scanner.write(bytes);
  scanner.end();
  return found;
}
