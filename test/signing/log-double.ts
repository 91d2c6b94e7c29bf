import { createHash, createPublicKey, generateKeyPairSync, sign } from "node:crypto";

/** The reference to JSON Canonicalization (RFC 8785) that logs sign: enough for texts and whole numbers. */
function canonical(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(canonical).join(",")}]`;
  if (typeof value !== "object" || value === null) return JSON.stringify(value);
  const members = Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1));
  return `{${members.map(([name, item]) => `${JSON.stringify(name)}:${canonical(item)}`).join(",")}}`;
}

type Json = Record<string, unknown>;

const sha256 = (...data: Buffer[]): Buffer => createHash("sha256").update(Buffer.concat(data)).digest();

/** Under which version 1 returns an entry, and names it in the header ETag. */
export const entryId = "0".repeat(64);

/** A transparency log of which every entry is the first: it answers as Rekor does, version 1 and 2. */
export function logDouble(host: string, clock: Date) {
  const { privateKey, publicKey } = generateKeyPairSync("ec", { namedCurve: "P-256" });
  const spki = publicKey.export({ format: "der", type: "spki" });
  const logId = sha256(spki);
  const time = Math.floor(clock.getTime() / 1000);

  /** @param origin the first line: version 1 adds the number of its tree */
  function checkpoint(body: Buffer, origin: string): { rootHash: Buffer; envelope: string } {
    const rootHash = sha256(Buffer.from([0]), body);
    const note = `${origin}\n1\n${rootHash.toString("base64")}\n`;
    const signature = Buffer.concat([logId.subarray(0, 4), sign("sha256", Buffer.from(note), privateKey)]);
    return { rootHash, envelope: `${note}\n\u2014 ${host} ${signature.toString("base64")}\n` };
  }

  return {
    spki,
    logId,
    /** https://github.com/sigstore/rekor/blob/main/openapi.yaml */
    answerV1: (proposed: Json): Json => {
      const body = Buffer.from(canonical(canonicalBody(proposed)));
      const { rootHash, envelope } = checkpoint(body, `${host} - 1`);
      const promised = {
        body: body.toString("base64"),
        integratedTime: time,
        logID: logId.toString("hex"),
        logIndex: 7,
      };
      const inclusionProof = {
        logIndex: 0,
        treeSize: 1,
        hashes: [],
        rootHash: rootHash.toString("hex"),
        checkpoint: envelope,
      };
      const signedEntryTimestamp = sign("sha256", Buffer.from(canonical(promised)), privateKey).toString(
        "base64",
      );
      return { [entryId]: { ...promised, verification: { inclusionProof, signedEntryTimestamp } } };
    },
    /** https://github.com/sigstore/rekor-tiles/blob/main/CLIENTS.md */
    answerV2: ({ hashedRekordRequestV002: request }: Json): Json => {
      if (typeof request !== "object" || request === null)
        throw new Error("invalid type, must be hashedrekord");
      const { digest, signature } = request as {
        digest: string;
        signature: { content: string; verifier: unknown };
      };
      const hashedRekordV002 = { data: { algorithm: "SHA2_256", digest }, signature };
      const body = Buffer.from(
        canonical({ apiVersion: "0.0.2", kind: "hashedrekord", spec: { hashedRekordV002 } }),
      );
      const { rootHash, envelope } = checkpoint(body, host);
      return {
        logIndex: "0",
        logId: { keyId: logId.toString("base64") },
        kindVersion: { kind: "hashedrekord", version: "0.0.2" },
        integratedTime: "0",
        inclusionProof: {
          logIndex: "0",
          rootHash: rootHash.toString("base64"),
          treeSize: "1",
          hashes: [],
          checkpoint: { envelope },
        },
        canonicalizedBody: body.toString("base64"),
      };
    },
  };
}

/** What version 1 keeps of a proposed entry. */
function canonicalBody(proposed: Json): Json {
  if (proposed["kind"] !== "dsse") return proposed;
  const { spec } = proposed as { spec: { proposedContent: { envelope: string; verifiers: string[] } } };
  const { envelope, verifiers } = spec.proposedContent;
  const parsed = JSON.parse(envelope) as { payload: string; signatures: { sig: string }[] };
  const hash = (bytes: Buffer) => ({ algorithm: "sha256", value: sha256(bytes).toString("hex") });
  // Rekor refuses what it can't parse as a verifier.
  for (const verifier of verifiers) createPublicKey(Buffer.from(verifier, "base64"));
  return {
    apiVersion: "0.0.1",
    kind: "dsse",
    spec: {
      envelopeHash: hash(Buffer.from(envelope)),
      payloadHash: hash(Buffer.from(parsed.payload, "base64")),
      signatures: parsed.signatures.map(({ sig }, index) => ({ signature: sig, verifier: verifiers[index] })),
    },
  };
}
