import type { ByteSource } from "./source.js";

/**
 * Dead Simple Signing Envelope v1: what is signed is not the payload but its pre-authentication encoding,
 * which binds the payload type. https://github.com/secure-systems-lab/dsse/blob/v1.0.2/protocol.md
 */

/** The payload type of an in-toto statement in an envelope, and the only one that is written here. */
export const statementPayloadType = "application/vnd.in-toto+json";

/** `DSSEv1 <length of type> <type> <length of payload> `: all of the encoding but the payload. */
export function preAuthHeader(payloadType: string, payloadSize: number): Buffer {
  return Buffer.from(`DSSEv1 ${Buffer.byteLength(payloadType)} ${payloadType} ${payloadSize} `);
}

/** The bytes that a DSSE signature covers, without holding them: header, then the payload as it is read. */
export function preAuthEncoding(payloadType: string, payload: ByteSource): ByteSource {
  const header = preAuthHeader(payloadType, payload.size);
  return {
    size: header.length + payload.size,
    chunks: async function* (start = 0, end = header.length + payload.size) {
      if (start < header.length) yield header.subarray(start, end);
      if (end > header.length) yield* payload.chunks(Math.max(0, start - header.length), end - header.length);
    },
  };
}
