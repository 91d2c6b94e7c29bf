/** What ADD brings in from elsewhere: downloads and git repositories. */
import type { Material } from "../evidence/material.js";
import { gitLocator, httpLocator, isCommit } from "../locators.js";

export type Remote = Pick<Material, "kind" | "uri" | "digests" | "requested">;

/** The source that an ADD names, where it is none of the build's own directory. */
export function remoteOf(source: string, checksum: string | undefined): Remote | undefined {
  if (isGit(source)) return gitSource(source, checksum);
  if (!/^https?:\/\//i.test(source)) return undefined;
  const { uri, digests } = httpLocator(source, checksum);
  return { kind: "http", uri, digests };
}

/** As BuildKit tells them apart: by scheme, or by a path that ends in `.git`. */
function isGit(source: string): boolean {
  return (
    /^(?:git|ssh|git\+\w+):\/\//i.test(source) ||
    /^[\w.-]+@[\w.-]+:[^/]/.test(source) ||
    /^https?:\/\/[^#?]+\.git(?:[#?]|$)/i.test(source)
  );
}

/** `url#ref:directory`, or `url?ref=...`, of which the ref is not read. */
function gitSource(source: string, checksum: string | undefined): Remote {
  const [location = "", fragment = ""] = source.split("#", 2);
  const ref = fragment.split(":", 1)[0] ?? "";
  const { uri, digests } = gitLocator(location.replace(/\?.*$/s, ""), ref === "" ? "HEAD" : ref);
  const isPinned = checksum !== undefined && isCommit(checksum);
  return {
    kind: "git",
    uri,
    digests: isPinned ? { gitCommit: checksum } : digests,
    ...(ref === "" ? {} : { requested: ref }),
  };
}
