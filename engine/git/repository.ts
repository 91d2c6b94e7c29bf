/** Git repositories and what their refs mean. Nothing is asked before it is needed. */
import { Minimatch } from "minimatch";

import { EngineError } from "../graph/error.js";
import type { EngineServices } from "../services.js";
import { once } from "../store/memo.js";
import { type GitAccess, git } from "./git.js";

export type GitRepositoryValue = {
  readonly kind: "gitRepository";
  /** As given; null for a directory that is one. */
  readonly url: string | null;
  /** Where to ask: the URL, or the path of a directory. */
  readonly remote: () => Promise<string>;
  readonly access: GitAccess;
  readonly refs: () => Promise<RemoteRefs>;
};

export type GitRefValue = {
  readonly kind: "gitRef";
  readonly repository: GitRepositoryValue;
  readonly resolved: () => Promise<ResolvedRef>;
};

/** `ref` is the full name, as in `refs/heads/main`; the commit itself where only that was named. */
export type ResolvedRef = { readonly ref: string; readonly commit: string };

export type RemoteRefs = {
  /** Full names to commits; an annotated tag's to the commit that it points at. */
  readonly commits: ReadonlyMap<string, string>;
  /** Full name of the branch that HEAD is. */
  readonly head: string | undefined;
};

export function repositoryOf(
  services: EngineServices,
  url: string | null,
  remote: () => Promise<string>,
  access: GitAccess = {},
): GitRepositoryValue {
  const refs = once(async () =>
    readRefs(await git(["ls-remote", "--symref", "--", await remote()], services.env, access)),
  );
  return { kind: "gitRepository", url, remote, access, refs };
}

function readRefs(listing: string): RemoteRefs {
  const commits = new Map<string, string>();
  let head: string | undefined;
  for (const line of listing.split("\n")) {
    const [value = "", name = ""] = line.split("\t");
    if (value.startsWith("ref: ") && name === "HEAD") head = value.slice("ref: ".length);
    // Tags that are objects of their own come before the commits that they point at.
    else if (name !== "") commits.set(name.replace(/\^\{\}$/, ""), value);
  }
  return { commits, head };
}

const commitPattern = /^(?:[0-9a-f]{40}|[0-9a-f]{64})$/;

export function commitOf(repository: GitRepositoryValue, id: string): GitRefValue {
  return refOf(repository, () => {
    if (!commitPattern.test(id))
      throw new EngineError(`commit ${JSON.stringify(id)}: 40 hex characters in lower case expected`);
    return Promise.resolve({ ref: id, commit: id });
  });
}

export function headOf(repository: GitRepositoryValue): GitRefValue {
  return refOf(repository, async () => {
    const { commits, head } = await repository.refs();
    const commit = commits.get("HEAD");
    if (commit === undefined) throw new EngineError("the repository has no HEAD: it is empty");
    return { ref: head ?? commit, commit };
  });
}

/** The first of the full names that there is. */
export function namedRef(
  repository: GitRepositoryValue,
  name: string,
  candidates: readonly string[],
): GitRefValue {
  return refOf(repository, async () => {
    const { commits } = await repository.refs();
    for (const ref of candidates) {
      const commit = commits.get(ref);
      if (commit !== undefined) return { ref, commit };
    }
    throw new EngineError(`the repository has no ${name}: looked for ${candidates.join(", ")}`);
  });
}

/** A full name, a branch, a tag or a commit. */
export function anyRef(repository: GitRepositoryValue, name: string): GitRefValue {
  if (commitPattern.test(name)) return commitOf(repository, name);
  if (name === "HEAD") return headOf(repository);
  if (name.startsWith("refs/")) return namedRef(repository, name, [name]);
  return namedRef(repository, name, [`refs/tags/${name}`, `refs/heads/${name}`]);
}

function refOf(repository: GitRepositoryValue, resolve: () => Promise<ResolvedRef>): GitRefValue {
  return { kind: "gitRef", repository, resolved: once(resolve) };
}

/** Short names below a prefix (`refs/tags/`) that match one of the patterns, or all. */
export async function namesBelow(
  repository: GitRepositoryValue,
  prefix: string,
  patterns: readonly string[],
): Promise<string[]> {
  const globs = patterns.map((pattern) => new Minimatch(pattern, { platform: "linux" }));
  return [...(await repository.refs()).commits.keys()]
    .filter((name) => name.startsWith(prefix))
    .map((name) => name.slice(prefix.length))
    .filter((name) => globs.length === 0 || globs.some((glob) => glob.match(name)));
}
