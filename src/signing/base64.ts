/** Base64 (RFC 4648, standard alphabet) of bytes that come in pieces, as pieces of text. */
export async function* encodeBase64(
  chunks: AsyncIterable<Uint8Array> | Iterable<Uint8Array>,
): AsyncGenerator<string> {
  let rest: Uint8Array = new Uint8Array(0);
  for await (const chunk of chunks) {
    const bytes = rest.length === 0 ? chunk : Buffer.concat([rest, chunk]);
    const whole = bytes.length - (bytes.length % 3);
    yield* inSlices(bytes.subarray(0, whole));
    rest = bytes.slice(whole);
  }
  if (rest.length > 0) yield base64(rest);
}

const sliceSize = 3 * 65536;

/** In slices, so that no more text than this exists at once. */
function* inSlices(bytes: Uint8Array): Generator<string> {
  for (let at = 0; at < bytes.length; at += sliceSize) yield base64(bytes.subarray(at, at + sliceSize));
}

function base64(bytes: Uint8Array): string {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length).toString("base64");
}

/**
 * Decodes base64 in either alphabet, padded or not, as DSSE asks of readers; but only the one spelling that
 * an encoder writes: no white space, no mixed alphabets, no wrong padding, no stray bits at the end.
 *
 * @returns undefined when the text is anything else
 */
export function decodeBase64(text: string): Buffer | undefined {
  const padding = text.endsWith("==") ? 2 : text.endsWith("=") ? 1 : 0;
  if (padding > 0 && text.length % 4 !== 0) return undefined;
  const unpadded = padding === 0 ? text : text.slice(0, -padding);
  const alphabets = alphabetsOf(unpadded);
  if (alphabets.standard && alphabets.urlSafe) return undefined;
  // Node takes the low byte of a character beyond ASCII for a character of its own.
  if (Buffer.byteLength(unpadded) !== unpadded.length) return undefined;
  const decoded = Buffer.from(unpadded, "base64");
  // What is no base64 Node skips, so every such character shortens the result.
  if (decoded.length !== Math.floor((unpadded.length * 3) / 4)) return undefined;
  return hasStrayBits(unpadded, decoded) ? undefined : decoded;
}

/** Which of the two alphabets the text can only belong to. */
export function alphabetsOf(text: string): { standard: boolean; urlSafe: boolean } {
  return {
    standard: text.includes("+") || text.includes("/"),
    urlSafe: text.includes("-") || text.includes("_"),
  };
}

/** Looks at the last, incomplete group only: the rest has one spelling anyway. */
function hasStrayBits(unpadded: string, decoded: Buffer): boolean {
  const tail = unpadded.length % 4;
  if (tail === 0) return false;
  if (tail === 1) return true;
  const rest = decoded.subarray(decoded.length - (tail - 1)).toString("base64url");
  return rest !== unpadded.slice(-tail).replaceAll("+", "-").replaceAll("/", "_");
}
