import { parseCanonical } from "./canonical.js";
import { createJsonScanner, type JsonScanOptions } from "./scan.js";

const decoder = new TextDecoder();

/**
 * Parses a JSON text that fits into memory, as strictly as the scanner reads: what it refuses
 * (`createJsonScanner`) is refused here too.
 * @throws AttestError JSON_INVALID or LIMIT_EXCEEDED.
 */
export function parseJson(bytes: Uint8Array, options: JsonScanOptions = {}): unknown {
  const known = options.limits === undefined ? parseCanonical(bytes) : undefined;
  if (known !== undefined) return known;
  const scanner = createJsonScanner({ depth: -1 }, options);
  scanner.write(bytes);
  scanner.end();
  return JSON.parse(decoder.decode(bytes));
}
