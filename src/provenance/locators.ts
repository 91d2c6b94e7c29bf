/** URIs of materials in the forms that other tools read, without credentials. */
import { parseImageReference } from "../subjects/reference.js";
import type { DigestSet } from "../statement/types.js";
import { redactUrl } from "./redact.js";

/** Files of a module's own source that a call took: content of the value, where the module itself is none. */
export const moduleSourceUri = "dagger:module-source";

/** Begins the URI of a value that was handed to an observed function; the argument's name follows. */
export const handedUri = "dagger:argument/";

/** A module is code that described the build; a local one has no digest, and is no gap for that. */
export function isModuleCode({ kind, uri }: { readonly kind: string; readonly uri: string }): boolean {
  return kind === "module" && uri !== moduleSourceUri;
}

export type Locator = { readonly uri: string; readonly requested?: string; readonly digests: DigestSet };

/**
 * An image as a package URL, as BuildKit writes it: `pkg:docker/debian@bookworm-slim?platform=linux%2Famd64`.
 * The digest of the reference goes into `digests`. A reference that can't be read becomes an opaque URI.
 * https://github.com/package-url/purl-spec/blob/main/types-doc/docker-definition.md
 */
export function imageLocator(address: string, platform?: string): Locator {
  try {
    const reference = parseImageReference(address);
    const [algorithm = "", hex = ""] = (reference.digest ?? "").split(":");
    const familiar = reference.name.replace(/^docker\.io\/(?:library\/)?/, "");
    const version = reference.tag === undefined ? "" : `@${encodeURIComponent(reference.tag)}`;
    const qualifiers = platform === undefined ? "" : `?platform=${encodeURIComponent(platform)}`;
    const path = familiar.split("/").map(encodeURIComponent).join("/");
    return {
      uri: `pkg:docker/${path}${version}${qualifiers}`,
      digests: hex === "" ? {} : { [algorithm]: hex },
      ...(reference.tag === undefined ? {} : { requested: reference.tag }),
    };
  } catch {
    return { uri: `image:${encodeURI(redactUrl(address))}`, digests: {} };
  }
}

/**
 * A git ref as SLSA writes it: `git+https://host/repo@refs/tags/v1`. `git@host:path` becomes `git+ssh://host/path`.
 * A ref that is a commit gives the digest as well.
 */
export function gitLocator(url: string, ref?: string): Locator {
  const [location = "", fragment] = url.split("#", 2);
  const clean = redactUrl(location);
  const scp = /^([\w.-]+):(?!\/\/)(.+)$/.exec(clean);
  const uri = scp === null ? clean : `ssh://${scp[1] ?? ""}/${scp[2] ?? ""}`;
  const requested = ref ?? fragment;
  const withScheme = /^[a-z][a-z0-9+.-]*:\/\//.test(uri) ? uri : `https://${uri}`;
  return {
    uri: `${withScheme.startsWith("git+") ? "" : "git+"}${withScheme}${requested === undefined ? "" : `@${requested}`}`,
    digests: requested !== undefined && isCommit(requested) ? { gitCommit: requested } : {},
    ...(requested === undefined ? {} : { requested }),
  };
}

/** A download: its URL; a checksum (`sha256:<hex>` or bare hex) that the pipeline insisted on gives the digest. */
export function httpLocator(url: string, checksum?: string): Locator {
  const hex = /^(?:sha256:)?([0-9a-f]{64})$/.exec(checksum ?? "")?.[1];
  return { uri: redactUrl(url), digests: hex === undefined ? {} : { sha256: hex } };
}

/** A path of the machine that the session was started on, as the pipeline named it: `local:../source`. */
export function hostLocator(path: string): Locator {
  return { uri: `local:${encodeURI(redactUrl(path))}`, requested: path, digests: {} };
}

/** A Dagger module: `git+https://...@<pin>` or `local:<path>`. */
export function moduleLocator(ref: string, pin?: string): Locator {
  const [location = "", version] = splitAt(ref);
  if (isHostPath(location)) return hostLocator(ref);
  const { uri } = gitLocator(location, version ?? pin);
  return {
    uri,
    digests: isCommit(pin ?? "") ? { gitCommit: pin ?? "" } : {},
    ...(version === undefined ? {} : { requested: version }),
  };
}

/** True for what names a path of the host (`./app`, `/srv`, `app`) and no address of somewhere else. */
export function isHostPath(location: string): boolean {
  return /^(?:\.|\/)/.test(location) || !/[.:]/.test(location);
}

/** True for a full commit id: 40 or 64 hex characters. */
export function isCommit(text: string): boolean {
  return /^(?:[0-9a-f]{40}|[0-9a-f]{64})$/.test(text);
}

function splitAt(ref: string): [string, string | undefined] {
  const at = ref.lastIndexOf("@");
  return at > ref.lastIndexOf("/") ? [ref.slice(0, at), ref.slice(at + 1)] : [ref, undefined];
}
