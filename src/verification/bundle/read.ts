import type { Bundle } from "@sigstore/bundle";
import { AttestError, type Problem } from "../../error.js";
import { parseJson } from "../../json/parse.js";
import { isObject, membersOf } from "../../statement/json-value.js";
import { decodeBase64 } from "../../signing/base64.js";
import { bytesSource, gather, partOf, type ByteSource } from "../../signing/source.js";
import { sigstoreBundle, sigstoreFormats } from "../libraries.js";
import { bundleShape, bundleVersions, envelopeShape } from "./format.js";
import { notBase64, payloadFromText } from "./payload.js";
import { checkShape } from "./shape.js";
import { splitBundle } from "./split.js";
import {
  bundleLimits,
  type BundleLimits,
  type ClaimedSigner,
  type ReadBundle,
  type SignedContent,
} from "./types.js";

/** Up to this size a bundle is read in one piece. */
const wholeBytes = 4 * 1024 * 1024;

/** Base64 takes four characters for three bytes. */
const base64Growth = 4 / 3;

/**
 * Reads one bundle: a Sigstore bundle v0.1 to v0.3, or a bare DSSE envelope. What several readers could
 * take for different things is refused: keys twice or in another case, text after the document, a byte
 * order mark, invalid UTF-8, base64 with more than one spelling, none or several signatures.
 *
 * @throws AttestError JSON_INVALID, BUNDLE_INVALID, LIMIT_EXCEEDED
 */
export async function readBundle(
  source: ByteSource,
  limits: BundleLimits = bundleLimits,
): Promise<ReadBundle> {
  if (source.size > limits.payloadBytes * base64Growth + limits.materialBytes) throw tooLarge(source, limits);
  if (source.size > wholeBytes) return readLarge(source, limits);
  const value = parseJson(await gather(source));
  return readValue(value, undefined, limits);
}

async function readLarge(source: ByteSource, limits: BundleLimits): Promise<ReadBundle> {
  const { shell, payload } = await splitBundle(source, limits);
  const text = payload === undefined ? undefined : partOf(source, payload.start, payload.end);
  return readValue(parseJson(shell), text, limits);
}

/** @param text the payload's characters where the value holds but a placeholder for them */
async function readValue(
  value: unknown,
  text: ByteSource | undefined,
  limits: BundleLimits,
): Promise<ReadBundle> {
  // A bare envelope has neither of the two fields that a bundle must have.
  const isEnvelope =
    isObject(value) && !("mediaType" in value) && !("verificationMaterial" in value) && "payload" in value;
  const problems = isEnvelope ? checkEnvelope(value, "") : checkBundle(value);
  if (problems.length > 0) throw invalid(problems);
  return isEnvelope ? readEnvelope(value, text, limits) : readSigstore(value, text, limits);
}

function checkBundle(value: unknown): Problem[] {
  const problems = checkShape(value, bundleShape, "");
  if (!isObject(value)) return problems;
  const { mediaType, verificationMaterial: material, dsseEnvelope, messageSignature } = value;
  if (typeof mediaType === "string" && !bundleVersions.has(mediaType))
    problems.push({
      path: "mediaType",
      expected: "a Sigstore bundle of version 0.1, 0.2 or 0.3",
      got: JSON.stringify(mediaType),
    });
  problems.push(...exactlyOne({ dsseEnvelope, messageSignature }, ""));
  if (isObject(material)) {
    const { publicKey, certificate, x509CertificateChain } = material;
    problems.push(...exactlyOne({ publicKey, certificate, x509CertificateChain }, "verificationMaterial"));
  }
  if (isObject(dsseEnvelope)) problems.push(...checkSignatures(dsseEnvelope, "dsseEnvelope."));
  return problems;
}

function checkEnvelope(value: unknown, path: string): Problem[] {
  const problems = checkShape(value, envelopeShape, path);
  return isObject(value) ? [...problems, ...checkSignatures(value, "")] : problems;
}

/** DSSE allows several; Sigstore wants one, and with one nobody can count a signature twice. */
function checkSignatures({ signatures }: Readonly<Record<string, unknown>>, path: string): Problem[] {
  if (!Array.isArray(signatures) || signatures.length === 1) return [];
  return [{ path: `${path}signatures`, expected: "exactly one signature", got: `${signatures.length}` }];
}

function exactlyOne(fields: Readonly<Record<string, unknown>>, path: string): Problem[] {
  const set = Object.keys(fields).filter((name) => fields[name] !== undefined && fields[name] !== null);
  if (set.length === 1) return [];
  return [
    {
      path,
      expected: `one of ${Object.keys(fields).join(", ")}`,
      got: set.length === 0 ? "none" : set.join(" and "),
    },
  ];
}

async function readSigstore(
  value: unknown,
  text: ByteSource | undefined,
  limits: BundleLimits,
): Promise<ReadBundle> {
  const hint = bareKeyHint(value);
  if (hint !== undefined) return readBareKey(hint, value, text, limits);
  const { bundleFromJSON } = await sigstoreBundle();
  let bundle: Bundle;
  try {
    bundle = bundleFromJSON(value);
  } catch (cause) {
    throw invalid(fieldProblems(cause), cause);
  }
  const { content: material, tlogEntries, timestampVerificationData } = bundle.verificationMaterial;
  return {
    format: formatOf(bundle.mediaType),
    ...(await readContent(bundle, member(value, "dsseEnvelope"), text, limits)),
    signer: readSigner(material),
    tlogEntries,
    timestamps: (timestampVerificationData?.rfc3161Timestamps ?? []).map(
      (timestamp) => timestamp.signedTimestamp,
    ),
  };
}

/**
 * The name of the key in the bundle of an envelope that a bare key signed and nobody witnessed. The format asks nothing of such a
 * bundle but its shape: the library, which takes longer to load than many of them to verify, has nothing to add.
 */
function bareKeyHint(value: unknown): string | undefined {
  const { publicKey, tlogEntries, timestampVerificationData } = membersOf(
    member(value, "verificationMaterial"),
  );
  const witnesses = [tlogEntries, member(timestampVerificationData, "rfc3161Timestamps")];
  const isWitnessed = witnesses.some((list) => Array.isArray(list) && list.length > 0);
  if (isWitnessed || !isObject(publicKey) || !isObject(member(value, "dsseEnvelope"))) return undefined;
  return asString(publicKey["hint"]);
}

async function readBareKey(
  hint: string,
  value: unknown,
  text: ByteSource | undefined,
  limits: BundleLimits,
): Promise<ReadBundle> {
  const signed = await readSigned(member(value, "dsseEnvelope"), text, limits);
  const format = formatOf(asString(member(value, "mediaType")));
  return { format, ...signed, signer: { kind: "key", hint }, tlogEntries: [], timestamps: [] };
}

function formatOf(mediaType: string): ReadBundle["format"] {
  return `sigstore-${bundleVersions.get(mediaType) ?? "0.3"}`;
}

type Signed = Pick<ReadBundle, "content" | "signature" | "keyid">;

async function readContent(
  bundle: Bundle,
  envelope: unknown,
  text: ByteSource | undefined,
  limits: BundleLimits,
): Promise<Signed> {
  switch (bundle.content.$case) {
    case "dsseEnvelope":
      return readSigned(envelope, text, limits);
    case "messageSignature": {
      const { messageDigest, signature } = bundle.content.messageSignature;
      const { HashAlgorithm } = await sigstoreFormats();
      const algorithm = HashAlgorithm[messageDigest.algorithm] ?? "unknown";
      return { content: { kind: "file", algorithm, digest: messageDigest.digest }, signature, keyid: "" };
    }
  }
}

function readSigner(material: Bundle["verificationMaterial"]["content"]): ClaimedSigner {
  switch (material.$case) {
    case "publicKey":
      return { kind: "key", hint: material.publicKey.hint };
    case "certificate":
      return { kind: "certificate", certificate: material.certificate.rawBytes };
    case "x509CertificateChain": {
      const leaf = material.x509CertificateChain.certificates[0];
      if (leaf === undefined)
        throw invalid([
          { path: "verificationMaterial.x509CertificateChain", expected: "a certificate", got: "none" },
        ]);
      return { kind: "certificate", certificate: leaf.rawBytes };
    }
  }
}

async function readEnvelope(
  value: unknown,
  text: ByteSource | undefined,
  limits: BundleLimits,
): Promise<ReadBundle> {
  const signed = await readSigned(value, text, limits);
  return { format: "dsse", ...signed, signer: { kind: "unsaid" }, tlogEntries: [], timestamps: [] };
}

async function readSigned(
  envelope: unknown,
  text: ByteSource | undefined,
  limits: BundleLimits,
): Promise<Signed> {
  const payload =
    text === undefined ? decodePayload(member(envelope, "payload")) : await payloadFromText(text);
  if (payload.size > limits.payloadBytes) throw tooLarge(payload, limits);
  const signatures = member(envelope, "signatures");
  const first: unknown = Array.isArray(signatures) ? signatures[0] : undefined;
  const signature = decodeBase64(asString(member(first, "sig"))) ?? Buffer.alloc(0);
  if (signature.length === 0)
    throw invalid([{ path: "signatures[0].sig", expected: "a signature", got: "an empty one" }]);
  const content: SignedContent = {
    kind: "envelope",
    payloadType: asString(member(envelope, "payloadType")),
    payload,
  };
  return { content, signature, keyid: asString(member(first, "keyid")) };
}

function decodePayload(text: unknown): ByteSource {
  const decoded = decodeBase64(asString(text));
  if (decoded === undefined || decoded.length === 0) throw notBase64();
  return bytesSource(decoded);
}

function asString(value: unknown): string {
  return typeof value === "string" ? value : "";
}

function member(value: unknown, name: string): unknown {
  return isObject(value) ? value[name] : undefined;
}

/** The paths that \@sigstore/bundle complains of. */
function fieldProblems(cause: unknown): Problem[] {
  const fields = member(cause, "fields");
  if (!Array.isArray(fields)) return [{ path: "", expected: "a Sigstore bundle", got: "something else" }];
  return fields.map((field) => ({
    path: String(field),
    expected: "what the bundle's version requires",
    got: "none, or more than that",
  }));
}

function invalid(problems: readonly Problem[], cause?: unknown): AttestError {
  return new AttestError("BUNDLE_INVALID", "this is no Sigstore bundle and no DSSE envelope", {
    problems,
    next: "Give what cosign, gh or this module wrote, unchanged.",
    cause,
  });
}

function tooLarge(source: ByteSource, limits: BundleLimits): AttestError {
  return new AttestError("LIMIT_EXCEEDED", "the bundle is larger than what is read", {
    problems: [{ path: "payload", expected: `at most ${limits.payloadBytes} bytes`, got: `${source.size}` }],
  });
}
