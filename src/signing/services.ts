import { AttestError, type Problem } from "../error.js";
import { parseJson } from "../json/parse.js";
import { describeValue, isObject } from "../statement/json-value.js";
import { fulcioSigner } from "./fulcio.js";
import { rekorWitness } from "./rekor.js";
import type { Signer } from "./signer.js";
import type { SigningOptions } from "./sign.js";
import { timestampWitness } from "./timestamp.js";
import type { Witness } from "./witness.js";

/** Where a Sigstore instance has its services. What is not given is not asked. */
export type SigstoreServices = {
  readonly fulcioUrl?: string;
  readonly rekor?: { readonly url: string; readonly version: 1 | 2 };
  readonly timestampUrl?: string;
};

/** Sigstore's public good instance. What is logged there is public for good. */
export const publicGoodServices: SigstoreServices = {
  fulcioUrl: "https://fulcio.sigstore.dev",
  rekor: { url: "https://rekor.sigstore.dev", version: 1 },
  timestampUrl: "https://timestamp.sigstore.dev/api/v1/timestamp",
};

/**
 * How to sign without a key of one's own: the certificate authority binds a short-lived key to the identity in
 * the token, and log and timestamp authority state when.
 *
 * @throws AttestError ARGUMENT_INVALID when an instance could not be verified later, SIGNING_FAILED for a token that is none
 */
export function keylessSigning(services: SigstoreServices, token: string): SigningOptions {
  const { fulcioUrl, rekor, timestampUrl } = services;
  if (fulcioUrl === undefined) throw incomplete("a certificate authority", "none");
  // Without a time nobody can tell whether the certificate, valid for minutes, was valid; version 2 of the log states none.
  if (timestampUrl === undefined && rekor?.version !== 1)
    throw incomplete(
      "a timestamp authority, or a log of version 1",
      "nothing that states the time of signing",
    );
  return { signer: fulcioSigner({ url: fulcioUrl, token }), witnesses: witnessesOf(services) };
}

/** How to sign with a key: with no services given fully offline. */
export function keySigning(
  signer: Signer,
  services: Omit<SigstoreServices, "fulcioUrl"> = {},
): SigningOptions {
  return { signer, witnesses: witnessesOf(services) };
}

function witnessesOf({ rekor, timestampUrl }: SigstoreServices): Witness[] {
  return [
    ...(rekor === undefined ? [] : [rekorWitness(rekor)]),
    ...(timestampUrl === undefined ? [] : [timestampWitness({ url: timestampUrl })]),
  ];
}

function incomplete(expected: string, got: string): AttestError {
  return new AttestError("ARGUMENT_INVALID", `to sign without a key: ${expected} expected, got ${got}`, {
    next: "Give the services of one Sigstore instance, or its signing config.",
  });
}

const configMediaType = "application/vnd.dev.sigstore.signingconfig.v0.2+json";

/**
 * Reads a signing config v0.2 (JSON) and takes of each kind the newest service that is valid now and whose
 * interface is known. https://github.com/sigstore/protobuf-specs/blob/main/protos/sigstore_trustroot.proto
 *
 * @throws AttestError ARGUMENT_INVALID
 */
export function servicesFromSigningConfig(json: string, now: Date): SigstoreServices {
  const config = parseJson(Buffer.from(json));
  const problems: Problem[] = [];
  if (!isObject(config) || config["mediaType"] !== configMediaType) {
    const got = isObject(config) ? describeValue(config["mediaType"]) : describeValue(config);
    problems.push({ path: "mediaType", expected: configMediaType, got });
    throw new AttestError("ARGUMENT_INVALID", "the signing config can't be used", { problems });
  }
  const fulcio = pick(config["caUrls"], [1], now);
  const rekor = pick(config["rekorTlogUrls"], [2, 1], now);
  const timestamp = pick(config["tsaUrls"], [1], now);
  return {
    ...(fulcio === undefined ? {} : { fulcioUrl: fulcio.url }),
    ...(rekor === undefined ? {} : { rekor: { url: rekor.url, version: rekor.version === 2 ? 2 : 1 } }),
    ...(timestamp === undefined ? {} : { timestampUrl: timestamp.url }),
  };
}

/** @param versions that are known here, the preferred one first */
function pick(
  services: unknown,
  versions: readonly number[],
  now: Date,
): { url: string; version: number } | undefined {
  const valid = (Array.isArray(services) ? services : []).filter((service) => isValidAt(service, now));
  for (const version of versions)
    for (const service of valid) {
      if (!isObject(service) || service["majorApiVersion"] !== version) continue;
      if (typeof service["url"] === "string") return { url: service["url"], version };
    }
  return undefined;
}

function isValidAt(service: unknown, now: Date): boolean {
  const validFor = isObject(service) && isObject(service["validFor"]) ? service["validFor"] : {};
  const { start, end } = validFor;
  const afterStart = typeof start === "string" && Date.parse(start) <= now.getTime();
  const beforeEnd =
    end === undefined || end === null || (typeof end === "string" && now.getTime() <= Date.parse(end));
  return afterStart && beforeEnd;
}
