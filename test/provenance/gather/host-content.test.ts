/** What is told of content of the host: only of that very content, and within limits. */
import { describe, expect, it } from "vitest";

import type { Answer, EnginePort } from "../../../src/provenance/gather/engine.js";
import { hostContent } from "../../../src/provenance/gather/host-content.js";

const content = "a".repeat(64);
const [gitTree, headTree] = ["b".repeat(40), "c".repeat(40)];
const commit = "d".repeat(40);

/** An engine whose directory has this answer, and whose HEAD holds `tree`. */
function engineOf(node: unknown, tree = headTree, asGit: Answer = {}): EnginePort {
  const head = { commit, ref: "refs/heads/main", tree: { id: "head" } };
  return {
    query: (text) =>
      Promise.resolve(
        text.includes("asGit")
          ? asGit.errors === undefined
            ? { data: { node: { asGit: { head } } } }
            : asGit
          : { data: { node } },
      ),
    stream: () => Promise.reject(new Error("not asked")),
    fileFacts: () => Promise.resolve({ digests: { sha256: content }, size: 3 }),
    directoryFacts: (id) => Promise.resolve({ digests: { gitTree: id === "head" ? tree : gitTree } }),
  };
}

const same = { digest: `sha256:${content}`, glob: ["a"], exists: false };
const of = (engine: EnginePort) => hostContent(engine, "Directory", "id", content);

describe("content of the host", () => {
  it("is digested where it is what was used", async () => {
    expect(await of(engineOf(same))).toEqual({ digests: { gitTree } });
    expect(await hostContent(engineOf({ digest: "sha256:other" }), "File", "id", content)).toEqual({
      digests: { sha256: content },
      size: 3,
    });
  });

  it.each([
    [
      "another directory under the same path",
      { ...same, digest: `sha256:${"e".repeat(64)}` },
      /other content/,
    ],
    [
      "too many entries",
      { ...same, glob: Array.from({ length: 20_001 }, () => "f") },
      /^20001 entries; not more than 20000/,
    ],
  ])("is not digested: %s", async (_case, node, unread) => {
    const facts = await of(engineOf(node));
    expect(facts.digests).toEqual({});
    expect(facts.unread).toMatch(unread);
  });

  it("is not digested: another file", async () => {
    const facts = await hostContent(engineOf({ digest: "sha256:other" }), "File", "id", "f".repeat(64));
    expect(facts).toMatchObject({ digests: {}, unread: expect.stringMatching(/other content/) as string });
  });

  it("is the commit's when both have the same tree, and stands at it otherwise", async () => {
    const withGit = { ...same, exists: true };
    const git = { commit, ref: "refs/heads/main" };
    expect(await of(engineOf(withGit, gitTree))).toEqual({
      digests: { gitTree, gitCommit: commit },
      git: { ...git, isCommit: true },
    });
    expect(await of(engineOf(withGit))).toEqual({ digests: { gitTree }, git: { ...git, isCommit: false } });
    // A repository that git can't read tells nothing.
    const broken = { errors: [{ message: "fatal: bad object HEAD" }] };
    expect(await of(engineOf(withGit, headTree, broken))).toEqual({ digests: { gitTree } });
  });
});
