/**
 * What a directory or a file of the host holds, read again from the engine: digests that everybody can
 * compute, and the commit that a work tree of git stands at.
 */
import { isCommit } from "../locators.js";
import type { GitState } from "../evidence/material.js";
import { isRecord, textOf } from "../json.js";
import type { LeafFacts } from "../recipe/resolve.js";
import { askNode, type EnginePort } from "./engine.js";

/** Directories of more entries keep the engine's own digest: reading them again takes too long. */
const mostEntries = 20_000;

/**
 * Facts about the value that an id loads.
 * @param content the engine's digest of what was used, 64 hex characters: the path may hold something else by now, or
 * mean another host, so only what has this digest is described.
 */
export async function hostContent(
  engine: EnginePort,
  type: string,
  id: string,
  content: string,
): Promise<LeafFacts> {
  return type === "File" ? fileContent(engine, id, content) : directoryContent(engine, id, content);
}

async function fileContent(engine: EnginePort, id: string, content: string): Promise<LeafFacts> {
  const node = await askNode(engine, "File", id, "digest");
  const facts = await engine.fileFacts(id);
  const isSame = textOf(node?.["digest"]) === `sha256:${content}` || facts.digests["sha256"] === content;
  return isSame ? facts : { digests: {}, unread: another };
}

async function directoryContent(engine: EnginePort, id: string, content: string): Promise<LeafFacts> {
  const fields = `digest glob(pattern: "**") exists(path: ".git/HEAD")`;
  const { digest, glob, exists } = (await askNode(engine, "Directory", id, fields)) ?? {};
  if (textOf(digest) !== `sha256:${content}`) return { digests: {}, unread: another };
  const entries = Array.isArray(glob) ? glob.length : 0;
  if (entries > mostEntries)
    return { digests: {}, unread: `${entries} entries; not more than ${mostEntries} are read again` };
  const facts = await engine.directoryFacts(id);
  const git = exists === true ? await gitState(engine, id, facts).catch(() => undefined) : undefined;
  if (git === undefined) return facts;
  return { ...facts, git, digests: { ...facts.digests, ...(git.isCommit ? { gitCommit: git.commit } : {}) } };
}

const another = "the engine loads other content by now";

/**
 * Where the work tree stands. It is the commit's when both have the same tree: what is ignored or not
 * tracked counts as a difference, since it may have gone into the build.
 */
async function gitState(engine: EnginePort, id: string, facts: LeafFacts): Promise<GitState | undefined> {
  const tree = "tree(discardGitDir: true) { id }";
  const fields = `asGit { head { commit ref ${tree} } }`;
  const { asGit } = (await askNode(engine, "Directory", id, fields)) ?? {};
  const head = isRecord(asGit) ? asGit["head"] : undefined;
  const checkedOut = isRecord(head) ? head["tree"] : undefined;
  if (!isRecord(head) || !isRecord(checkedOut) || !isCommit(textOf(head["commit"]))) return undefined;
  const { gitTree } = (await engine.directoryFacts(textOf(checkedOut["id"]))).digests;
  const ref = textOf(head["ref"]);
  return {
    commit: textOf(head["commit"]),
    ...(ref === "" || ref === "HEAD" || isCommit(ref) ? {} : { ref }),
    isCommit: gitTree !== undefined && gitTree === facts.digests["gitTree"],
  };
}
