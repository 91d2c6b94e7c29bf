import { AttestError } from "../../error.js";

/** Bytes of one report that are read into memory. */
export const reportBytes = 128 * 1024 * 1024;

const encodingPattern = /^<\?xml[^>]*\sencoding\s*=\s*["']([A-Za-z0-9._-]+)["']/;

/**
 * The text of a report. UTF-8 unless a byte order mark or an XML declaration names another encoding;
 * what is no text in that encoding is refused.
 * @throws AttestError REPORT_INVALID, LIMIT_EXCEEDED.
 */
export function reportText(bytes: Uint8Array, name: string): string {
  if (bytes.length > reportBytes) {
    throw new AttestError("LIMIT_EXCEEDED", `${name} is too large for a report`, {
      problems: [{ path: "", expected: `at most ${reportBytes} bytes`, got: `${bytes.length}` }],
      next: "Leave captured output out of the report, or split it.",
    });
  }
  const encoding = encodingOf(bytes);
  try {
    return new TextDecoder(encoding, { fatal: true }).decode(bytes);
  } catch (cause) {
    throw new AttestError("REPORT_INVALID", `${name} is not text in ${encoding}`, {
      next: "Write the report in UTF-8.",
      cause,
    });
  }
}

function encodingOf(bytes: Uint8Array): string {
  const [first, second] = bytes;
  if (first === 0xff && second === 0xfe) return "utf-16le";
  if (first === 0xfe && second === 0xff) return "utf-16be";
  const start = new TextDecoder("latin1").decode(bytes.subarray(0, 200)).replace(/^\u00ef\u00bb\u00bf/, "");
  return encodingPattern.exec(start)?.[1]?.toLowerCase() ?? "utf-8";
}
