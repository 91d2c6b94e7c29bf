import { AttestError } from "../../error.js";
import { alphabetsOf, decodeBase64 } from "../../signing/base64.js";
import { gather, partOf, type ByteSource } from "../../signing/source.js";

/**
 * The payload of an envelope that is too large to be decoded at once: base64 in a part of a file, decoded
 * anew at each reading.
 *
 * @throws AttestError BUNDLE_INVALID when the text is not base64; also while it is read
 */
export async function payloadFromText(text: ByteSource): Promise<ByteSource> {
  const tail = (await gather(partOf(text, Math.max(0, text.size - 2), text.size))).toString("latin1");
  const padding = /=*$/.exec(tail)?.[0].length ?? 0;
  const size = Math.floor(((text.size - padding) * 3) / 4);
  if (size === 0) throw notBase64();
  return {
    size,
    chunks: async function* (start = 0, end = size) {
      // Whole groups of four characters: the first that holds `start`, the last that holds `end`.
      const from = Math.floor(start / 3);
      const decoded = decode(text.chunks(from * 4, end === size ? text.size : Math.ceil(end / 3) * 4));
      let at = from * 3;
      for await (const chunk of decoded) {
        const piece = chunk.subarray(Math.max(0, start - at), Math.max(0, end - at));
        at += chunk.length;
        if (piece.length > 0) yield piece;
      }
    },
  };
}

async function* decode(chunks: AsyncIterable<Uint8Array> | Iterable<Uint8Array>): AsyncGenerator<Buffer> {
  let rest = "";
  const seen = { standard: false, urlSafe: false };
  for await (const chunk of chunks) {
    const text = rest + Buffer.from(chunk.buffer, chunk.byteOffset, chunk.length).toString("latin1");
    // The last group stays back: only it may be padded or short.
    const whole = Math.max(0, text.length - 1 - ((text.length - 1) % 4));
    rest = text.slice(whole);
    if (text[whole - 1] === "=") throw notBase64();
    if (whole > 0) yield decodePiece(text.slice(0, whole), seen);
  }
  yield decodePiece(rest, seen);
}

/** @param seen the alphabets of the pieces before: standard and URL-safe may both be met, but not mixed */
function decodePiece(text: string, seen: { standard: boolean; urlSafe: boolean }): Buffer {
  const { standard, urlSafe } = alphabetsOf(text);
  seen.standard ||= standard;
  seen.urlSafe ||= urlSafe;
  const decoded = decodeBase64(text);
  if (decoded === undefined || (seen.standard && seen.urlSafe)) throw notBase64();
  return decoded;
}

export function notBase64(): AttestError {
  return new AttestError("BUNDLE_INVALID", "the payload is not base64", {
    problems: [
      {
        path: "payload",
        expected: "base64 of at least one byte, in one alphabet and one piece",
        got: "something else",
      },
    ],
  });
}
