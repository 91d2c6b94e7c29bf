/**
 * Image references by the grammar of the distribution project.
 * https://github.com/distribution/reference/blob/main/reference.go
 */
import { AttestError } from "../error.js";
import type { Subject } from "../statement/types.js";

export type ImageReference = {
  /** Registry and repository in canonical form, as in `docker.io/library/alpine`. */
  readonly name: string;
  /** Host and port of the registry, as in `docker.io` or `localhost:5000`. */
  readonly registry: string;
  /** Repository below the registry, as in `library/alpine`. */
  readonly repository: string;
  readonly tag?: string;
  /** Digest of the manifest or index with its algorithm, as in `sha256:<hex>`. */
  readonly digest?: string;
};

const component = "[a-z0-9]+(?:(?:\\.|_|__|-+)[a-z0-9]+)*";
const domainName = "(?:[a-zA-Z0-9]|[a-zA-Z0-9][a-zA-Z0-9-]*[a-zA-Z0-9])";
const host = `(?:${domainName}(?:\\.${domainName})*|\\[(?:[a-fA-F0-9:]+)\\])`;
const namePattern = new RegExp(
  `^(?:(?<domain>${host}(?::[0-9]+)?)/)?(?<path>${component}(?:/${component})*)$`,
);
const tagPattern = /^[A-Za-z0-9_][A-Za-z0-9_.-]{0,127}$/;
const digestPattern = /^(?:sha256:[0-9a-f]{64}|sha384:[0-9a-f]{96}|sha512:[0-9a-f]{128})$/;
const longestName = 255;

/**
 * Reads `name[:tag][@digest]`. A familiar name becomes canonical: `alpine` is
 * `docker.io/library/alpine`. A tag that is not given stays unset; it is not `latest`.
 * @throws AttestError REFERENCE_INVALID saying which part is malformed.
 */
export function parseImageReference(text: string): ImageReference {
  const at = text.indexOf("@");
  const named = at === -1 ? text : text.slice(0, at);
  const digest = at === -1 ? undefined : text.slice(at + 1);
  const colon = named.lastIndexOf(":");
  const tagged = colon > named.lastIndexOf("/");
  const tag = tagged ? named.slice(colon + 1) : undefined;
  const name = tagged ? named.slice(0, colon) : named;
  if (tag !== undefined && !tagPattern.test(tag)) refuse(text, "tag", "1 to 128 of A-Z a-z 0-9 _ . -", tag);
  if (digest !== undefined && !digestPattern.test(digest)) {
    refuse(text, "digest", "sha256:<64 lower-case hex characters>, sha384 or sha512", digest);
  }
  return {
    ...canonicalName(text, name),
    ...(tag === undefined ? {} : { tag }),
    ...(digest === undefined ? {} : { digest }),
  };
}

/**
 * The subject of an image that is named by digest: `name@sha256:...`. Its name is the canonical name
 * without tag, since a tag can move.
 * @throws AttestError REFERENCE_INVALID when the reference is malformed or has no digest.
 */
export function imageReferenceSubject(text: string): Subject {
  const { name, digest } = parseImageReference(text);
  if (digest === undefined) {
    throw new AttestError("REFERENCE_INVALID", `the image reference ${JSON.stringify(text)} has no digest`, {
      problems: [{ path: "digest", expected: "@sha256:<64 hex characters> after the name", got: "nothing" }],
      next: "Name the image by digest, because a tag can move: `docker buildx imagetools inspect` or `crane digest` print it.",
    });
  }
  const [algorithm = "", hex = ""] = digest.split(":");
  return { name, digest: { [algorithm]: hex } };
}

function canonicalName(text: string, name: string): Pick<ImageReference, "name" | "registry" | "repository"> {
  const slash = name.indexOf("/");
  const first = slash === -1 ? "" : name.slice(0, slash);
  const isDomain = /[.:[]/.test(first) || first === "localhost" || first !== first.toLowerCase();
  const domain = isDomain ? first : "docker.io";
  const registry = domain === "index.docker.io" ? "docker.io" : domain;
  const path = isDomain ? name.slice(slash + 1) : name;
  const repository = registry === "docker.io" && !path.includes("/") ? `library/${path}` : path;
  const canonical = `${registry}/${repository}`;
  if (!namePattern.test(canonical)) refuse(text, "name", "[registry/]repository in lower case", name);
  if (repository.length > longestName) {
    refuse(text, "name", `at most ${longestName} characters`, `${repository.length}`);
  }
  if (/^[0-9a-f]{64}$/.test(name)) refuse(text, "name", "a name that is no image id", name);
  return { name: canonical, registry, repository };
}

function refuse(text: string, path: string, expected: string, got: string): never {
  const scheme = /^[a-z][a-z0-9+.-]*:\/\//i.exec(text)?.[0];
  throw new AttestError("REFERENCE_INVALID", `${JSON.stringify(text)} is no image reference`, {
    problems: [{ path, expected, got: JSON.stringify(got) }],
    next:
      scheme === undefined
        ? "Write it as name[:tag]@sha256:<64 hex characters>, as in docker.io/library/alpine@sha256:...."
        : `Leave ${scheme} out: an image is named as in registry.example/team/app:1.0.`,
  });
}
