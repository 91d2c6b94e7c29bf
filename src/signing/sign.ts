import { createHash } from "node:crypto";
import { open, rm } from "node:fs/promises";
import { basename } from "node:path";
import { AttestError } from "../error.js";
import { bundleText } from "./bundle.js";
import { preAuthEncoding, statementPayloadType } from "./dsse.js";
import type { Signer } from "./signer.js";
import { bytesSource, fileSource, type ByteSource } from "./source.js";
import type { Witness } from "./witness.js";

export type SigningOptions = {
  readonly signer: Signer;
  /** Asked all at once after the signature; none means that nothing but the signature goes into the bundle. */
  readonly witnesses?: readonly Witness[];
};

/**
 * Signs an in-toto statement and returns a Sigstore bundle v0.3 (JSON, UTF-8). The bundle holds exactly the
 * bytes that were handed in: nothing is parsed and written again.
 *
 * @param statement the serialised statement; whether it is a valid one is the caller's check
 * @throws AttestError KEY_INVALID, SIGNING_FAILED
 */
export async function signStatement(statement: Uint8Array, options: SigningOptions): Promise<Buffer> {
  const pieces: Buffer[] = [];
  for await (const text of signedText(bytesSource(statement), options)) pieces.push(Buffer.from(text));
  return Buffer.concat(pieces);
}

/**
 * The same from file to file, in memory that does not grow with the statement (but for Ed25519, which
 * has to see the message whole).
 *
 * @returns what was signed: the SHA-256 of the statement in lower-case hex, and its size in bytes
 */
export async function signStatementFile(
  statementPath: string,
  bundlePath: string,
  options: SigningOptions,
): Promise<{ sha256: string; size: number }> {
  const readings: string[] = [];
  const source = recorded(await fileSource(statementPath), readings);
  const file = await open(bundlePath, "w");
  try {
    for await (const text of signedText(source, options)) await file.write(text);
    await file.close();
    return { sha256: sameReading(readings, statementPath), size: source.size };
  } catch (cause) {
    await file.close().catch(() => undefined);
    await rm(bundlePath, { force: true });
    throw cause;
  }
}

async function* signedText(
  payload: ByteSource,
  { signer, witnesses = [] }: SigningOptions,
): AsyncGenerator<string> {
  const payloadType = statementPayloadType;
  const signature = await signer.sign(preAuthEncoding(payloadType, payload));
  const signed = { ...signature, payloadType, payload };
  const testimonies = await Promise.all(witnesses.map((witness) => witness.testify(signed)));
  yield* bundleText(signed, testimonies);
}

/** Notes the SHA-256 of each complete reading. */
function recorded(source: ByteSource, readings: string[]): ByteSource {
  return {
    size: source.size,
    chunks: async function* (start = 0, end = source.size) {
      const hash = createHash("sha256");
      for await (const chunk of source.chunks(start, end)) {
        hash.update(chunk);
        yield chunk;
      }
      if (start === 0 && end === source.size) readings.push(hash.digest("hex"));
    },
  };
}

/** A large file is read once to sign and once to write: had it changed between, the bundle would be worthless. */
function sameReading(readings: readonly string[], path: string): string {
  const [first, ...others] = readings;
  if (first === undefined || others.some((other) => other !== first))
    throw new AttestError("SIGNING_FAILED", `${basename(path)} changed while it was signed`, {
      next: "Sign again when nothing writes to the file.",
    });
  return first;
}
