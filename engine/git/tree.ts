/** Checks a commit out into a tree, once per repository, commit and form. */
import { rm } from "node:fs/promises";
import { join } from "node:path";

import { redactUrl } from "../../src/provenance/redact.js";
import type { EngineServices } from "../services.js";
import { memoKey, recall, remember } from "../store/memo.js";
import { loadTree, saveTree } from "../store/trees.js";
import { ingestDirectory } from "../tree/ingest.js";
import type { Tree } from "../tree/types.js";
import { git } from "./git.js";
import type { GitRefValue, ResolvedRef } from "./repository.js";

export type CheckoutForm = {
  readonly discardGitDir: boolean;
  /** Commits of history; 0 or less for all of it. */
  readonly depth: number;
  readonly includeTags: boolean;
};

export async function checkoutTree(
  services: EngineServices,
  { repository, resolved }: GitRefValue,
  form: CheckoutForm,
): Promise<Tree> {
  const { store, env } = services;
  const target = await resolved();
  const remote = await repository.remote();
  const key = memoKey("git", [repository.url ?? remote, target, form]);
  const known = await recall(store, key, isDigest);
  const tree = known === undefined ? undefined : await loadTree(store, known.digest);
  if (tree !== undefined) return tree;
  const work = store.temporary("git");
  try {
    return await services.report.during(
      `git ${redactUrl(repository.url ?? "directory")} ${target.ref}`,
      async () => {
        await git(["init", "--quiet", work], env);
        await git(["-C", work, "remote", "add", "--", "origin", repository.url ?? remote], env);
        const inWork = (args: readonly string[]): Promise<string> =>
          git(["-C", work, ...args], env, repository.access);
        await inWork(fetchArguments(remote, target, form));
        await inWork(checkoutArguments(target));
        if (form.discardGitDir) await rm(join(work, ".git"), { recursive: true, force: true });
        const made = await ingestDirectory(store, work, { keepOwners: false });
        await remember(store, key, { digest: await saveTree(store, made) });
        return made;
      },
    );
  } finally {
    await rm(work, { recursive: true, force: true });
  }
}

/** The commit itself is fetched: a branch may have moved since it was looked at. */
function fetchArguments(remote: string, { commit }: ResolvedRef, form: CheckoutForm): string[] {
  return [
    "fetch",
    "--quiet",
    "--no-write-fetch-head",
    ...(form.depth > 0 ? ["--depth", `${form.depth}`] : []),
    form.includeTags ? "--tags" : "--no-tags",
    "--",
    remote,
    commit,
  ];
}

function checkoutArguments({ ref, commit }: ResolvedRef): string[] {
  const branch = /^refs\/heads\/(.+)$/.exec(ref)?.[1];
  return branch === undefined
    ? ["checkout", "--quiet", "--detach", commit]
    : ["checkout", "--quiet", "-B", branch, commit];
}

function isDigest(value: unknown): value is { digest: string } {
  return typeof value === "object" && value !== null && "digest" in value && typeof value.digest === "string";
}
