import { createHash } from "node:crypto";
import type { TrustMaterial } from "@sigstore/verify";
import { AttestError, type Problem } from "../error.js";
import { sigstoreFormats, sigstoreVerify } from "./libraries.js";
import { rememberResults } from "./remember.js";

/**
 * The certificate authorities, logs and timestamp authorities of one Sigstore instance.
 * https://github.com/sigstore/protobuf-specs/blob/main/protos/sigstore_trustroot.proto
 */
export type TrustedRoot = {
  /** Says in reports whose root this is. */
  readonly name: string;
  /** SHA-256 of its bytes, lower-case hex. */
  readonly sha256: string;
  /** When the newest of its keys and authorities began to be valid: the root is not older. RFC 3339, UTC. */
  readonly newest?: string;
  readonly material: Omit<TrustMaterial, "publicKey">;
};

const mediaTypes: readonly unknown[] = [
  "application/vnd.dev.sigstore.trustedroot+json;version=0.1",
  "application/vnd.dev.sigstore.trustedroot+json;version=0.2",
  "application/vnd.dev.sigstore.trustedroot.v0.1+json",
  "application/vnd.dev.sigstore.trustedroot.v0.2+json",
];

/**
 * Reads a trusted root (JSON).
 *
 * @param name says in reports whose root it is
 * @throws AttestError TRUSTED_ROOT_INVALID
 */
export async function loadTrustedRoot(json: string, name: string): Promise<TrustedRoot> {
  const value = parseJson(json);
  const problems = checkTrustedRoot(value);
  if (problems.length > 0) throw invalid(problems);
  const [{ toTrustMaterial }, { TrustedRoot: Format }] = await Promise.all([
    sigstoreVerify(),
    sigstoreFormats(),
  ]);
  try {
    const material = toTrustMaterial(Format.fromJSON(value));
    for (const { certChain } of [...material.certificateAuthorities, ...material.timestampAuthorities])
      certChain.forEach(rememberResults);
    const newest = newestStart(material);
    const sha256 = createHash("sha256").update(json).digest("hex");
    return { name, sha256, ...(newest === undefined ? {} : { newest }), material };
  } catch (cause) {
    throw new AttestError(
      "TRUSTED_ROOT_INVALID",
      "the trusted root holds a key or certificate that can't be read",
      {
        cause,
      },
    );
  }
}

/**
 * The root of Sigstore's public good instance that came with this version of the project (through the
 * package \@sigstore/tuf). Needs no network; does not know of keys that were added later.
 */
export async function publicGoodTrustedRoot(): Promise<TrustedRoot> {
  const { createRequire } = await import("node:module");
  const seeds: unknown = createRequire(import.meta.url)("@sigstore/tuf/seeds.json");
  const targets = member(member(seeds, "https://tuf-repo-cdn.sigstore.dev"), "targets");
  const encoded = member(targets, "trusted_root.json");
  if (typeof encoded !== "string")
    throw invalid([{ path: "", expected: "a root in the package", got: "none" }]);
  return loadTrustedRoot(
    Buffer.from(encoded, "base64").toString("utf8"),
    "Sigstore public good (as of this release)",
  );
}

/** A trusted root states no date of its own; what it was last extended by does. */
function newestStart(material: TrustedRoot["material"]): string | undefined {
  const { certificateAuthorities, timestampAuthorities, tlogs, ctlogs } = material;
  const starts = [...certificateAuthorities, ...timestampAuthorities, ...tlogs, ...ctlogs].map(
    ({ validFor }) => validFor.start.getTime(),
  );
  return starts.length === 0 ? undefined : new Date(Math.max(...starts)).toISOString();
}

function parseJson(json: string): unknown {
  try {
    return JSON.parse(json);
  } catch (cause) {
    throw new AttestError("TRUSTED_ROOT_INVALID", "the trusted root is not JSON", { cause });
  }
}

function checkTrustedRoot(root: unknown): Problem[] {
  const mediaType = member(root, "mediaType");
  const problems: Problem[] = [];
  if (!mediaTypes.includes(mediaType))
    problems.push({
      path: "mediaType",
      expected: "a trusted root v0.1 or v0.2",
      got: JSON.stringify(mediaType) ?? "none",
    });
  for (const list of ["tlogs", "ctlogs"]) problems.push(...checkLogs(member(root, list), list));
  for (const list of ["certificateAuthorities", "timestampAuthorities"])
    problems.push(...checkAuthorities(member(root, list), list));
  return problems;
}

/** Without a start the specification calls a log key not valid yet; \@sigstore/verify would take it as valid since 1970. */
function checkLogs(logs: unknown, path: string): Problem[] {
  return items(logs).flatMap((log, index) => {
    const start = member(member(member(log, "publicKey"), "validFor"), "start");
    if (typeof start === "string" && !Number.isNaN(Date.parse(start))) return [];
    return [
      {
        path: `${path}[${index}].publicKey.validFor.start`,
        expected: "a time",
        got: JSON.stringify(start) ?? "none",
      },
    ];
  });
}

function checkAuthorities(authorities: unknown, path: string): Problem[] {
  return items(authorities).flatMap((authority, index) => {
    const certificates = items(member(member(authority, "certChain"), "certificates"));
    if (certificates.length > 0) return [];
    return [
      { path: `${path}[${index}].certChain.certificates`, expected: "at least one certificate", got: "none" },
    ];
  });
}

function items(value: unknown): unknown[] {
  return Array.isArray(value) ? value : [];
}

function member(value: unknown, name: string): unknown {
  if (typeof value !== "object" || value === null) return undefined;
  return Object.entries(value).find(([key]) => key === name)?.[1];
}

function invalid(problems: readonly Problem[]): AttestError {
  return new AttestError("TRUSTED_ROOT_INVALID", "the trusted root is not usable", {
    problems,
    next: "Take trusted_root.json from the TUF repository of the instance that signed.",
  });
}
