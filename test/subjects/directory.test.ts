import { execFile, spawnSync } from "node:child_process";
import { chmod, mkdir, readFile, rm, symlink, writeFile } from "node:fs/promises";
import { createServer } from "node:net";
import { dirname, join } from "node:path";
import { promisify } from "node:util";

import { beforeAll, describe, expect, test } from "vitest";

import { directoryDigests } from "../../src/subjects/directory.js";
import fc from "../support/property.js";
import { scratch } from "../support/scratch.js";

const run = promisify(execFile);
const files = scratch();

function has(tool: string, ...args: string[]): boolean {
  return spawnSync(tool, args).status === 0;
}

const hasGit = has("git", "--version");
const hasGnuTar = spawnSync("tar", ["--version"]).stdout?.toString().includes("GNU tar") ?? false;
const goRoot = has("go", "version") ? spawnSync("go", ["env", "GOROOT"]).stdout.toString().trim() : undefined;

type Tree = {
  readonly [path: string]: string | { readonly link: string } | { readonly script: string } | null;
};

/** Makes a directory; `null` is an empty directory. Names may be Latin-1 escapes for bytes that are no UTF-8. */
async function directory(tree: Tree): Promise<string> {
  const root = await files.path();
  await mkdir(root);
  for (const [name, content] of Object.entries(tree)) {
    const path = join(root, name);
    await mkdir(content === null ? path : dirname(path), { recursive: true });
    if (content === null) continue;
    if (typeof content === "string") await writeFile(path, content);
    else if ("link" in content) await symlink(content.link, path);
    else {
      await writeFile(path, content.script);
      await chmod(path, 0o750);
    }
  }
  return root;
}

/** Runs the command that docs/directory-digest.md gives for a digest. */
async function byHand(digest: "sha256" | "gitTree" | "dirHash", root: string): Promise<string> {
  const text = await readFile(new URL("../../docs/directory-digest.md", import.meta.url), "utf8");
  const command = new RegExp("```sh " + digest + "\n(.*?)```", "s").exec(text)?.[1];
  if (command === undefined) throw new Error(`docs/directory-digest.md has no command for ${digest}`);
  const { stdout } = await run("bash", ["-euo", "pipefail", "-c", command], { cwd: root });
  return stdout.trim();
}

const ordinary: Tree = {
  "a/x": "1",
  "a-b": "2",
  "a.b": "",
  "a/empty": null,
  "bin/run.sh": { script: "#!/bin/sh\n" },
  README: { link: "a/x" },
  ".gitignore": "a/\n",
  ".hidden": "3",
  [`${"long".repeat(20)}/${"name".repeat(20)}`]: "4",
  [`${"long".repeat(20)}/${"exec".repeat(20)}`]: { link: `../${"far".repeat(50)}` },
  "ümläut/日本": "5",
  big: "6".repeat(3 * 1024 * 1024 + 1),
};

const names = fc
  .array(fc.constantFrom("a", "b", "-", ".", "é", " ", "~", "\n", "'", "x".repeat(60)), {
    minLength: 1,
    maxLength: 4,
  })
  .map((parts) => parts.join(""))
  .filter((name) => name !== "." && name !== "..");
const paths = fc.array(names, { minLength: 1, maxLength: 3 }).map((parts) => parts.join("/"));
const contents = fc.oneof(
  fc.string(),
  fc.constant(null),
  fc.string().map((script) => ({ script })),
  fc
    .string({ minLength: 1 })
    .filter((link) => !link.includes("\0"))
    .map((link) => ({ link })),
);
/** Trees in which no path is below a file. */
const trees = fc.dictionary(paths, contents, { maxKeys: 8 }).map((tree): Tree => {
  const kept = Object.entries(tree).filter(([path]) =>
    Object.keys(tree).every((other) => other === path || !path.startsWith(`${other}/`)),
  );
  return Object.fromEntries(kept);
});

describe.skipIf(!hasGnuTar)("sha256 beside GNU tar (skipped where tar is another one)", () => {
  test("of an ordinary directory", async () => {
    const root = await directory(ordinary);
    expect((await directoryDigests(root)).sha256).toBe(await byHand("sha256", root));
  });

  test("of an empty directory", async () => {
    const root = await directory({});
    expect((await directoryDigests(root)).sha256).toBe(await byHand("sha256", root));
  });

  test("of names that are no UTF-8", async () => {
    const root = await directory({ plain: "1" });
    await writeFile(Buffer.concat([Buffer.from(`${root}/`), Buffer.of(0xff, 0x0a, 0x80)]), "2");
    const { sha256, gitTree, dirHash, omitted } = await directoryDigests(root);
    expect(sha256).toBe(await byHand("sha256", root));
    if (hasGit) expect(gitTree).toBe(await byHand("gitTree", root));
    expect(dirHash).toBeUndefined();
    expect(omitted).toEqual([
      { algorithm: "dirHash", reason: expect.stringContaining("contains a newline") as string },
    ]);
  });

  test("of random directories", async () => {
    await fc.assert(
      fc.asyncProperty(trees, async (tree) => {
        const root = await directory(tree);
        expect((await directoryDigests(root)).sha256).toBe(await byHand("sha256", root));
        await rm(root, { recursive: true });
      }),
      { numRuns: 40 },
    );
  });
});

describe.skipIf(!hasGit)("gitTree beside git (skipped where there is none)", () => {
  test("of an ordinary directory, an empty one, and one of empty directories", async () => {
    for (const tree of [ordinary, {}, { "a/b": null }]) {
      const root = await directory(tree);
      expect((await directoryDigests(root)).gitTree).toBe(await byHand("gitTree", root));
    }
  });

  test("of a directory with a repository of its own", async () => {
    const root = await directory({ "a/x": "1", ".git/HEAD": "ref: refs/heads/main\n", ".gitmodules": "" });
    const { gitTree, sha256 } = await directoryDigests(root);
    await rm(join(root, ".git"), { recursive: true });
    expect(gitTree).toBe(await byHand("gitTree", root));
    expect((await directoryDigests(root)).sha256).not.toBe(sha256);
  });

  test("of random directories", async () => {
    await fc.assert(
      fc.asyncProperty(trees, async (tree) => {
        const root = await directory(tree);
        expect((await directoryDigests(root)).gitTree).toBe(await byHand("gitTree", root));
        await rm(root, { recursive: true });
      }),
      { numRuns: 25 },
    );
  });
});

test.each(["sub/.git/HEAD", "sub/.git", ".GIT/x"])(
  "gitTree is left out, with the reason, for %s",
  async (path) => {
    const { gitTree, omitted } = await directoryDigests(await directory({ [path]: "1", x: "2" }));
    expect(gitTree).toBeUndefined();
    expect(omitted).toEqual([
      { algorithm: "gitTree", reason: expect.stringMatching(/git has no tree with .*\.git/i) as string },
    ]);
  },
);

describe("dirHash", () => {
  test("beside the command that the in-toto specification gives", async () => {
    for (const tree of [{}, { "b/x y": "1", "a-b": "2", "a/z": "3", ä: "4" }]) {
      const root = await directory(tree);
      expect((await directoryDigests(root)).dirHash).toBe(await byHand("dirHash", root));
    }
  });

  test.each([
    ["a link to nowhere", { l: { link: "nowhere" } }, 'the link "l" leads nowhere'],
    ["a link to itself", { l: { link: "l" } }, 'the link "l" leads nowhere'],
    ["a link to a directory", { "d/x": "1", l: { link: "d" } }, 'the link "l" leads to a directory'],
    [
      "a link out of the directory",
      { l: { link: "/etc/hostname" } },
      'the link "l" leads out of the directory',
    ],
    ["a relative link out", { "d/l": { link: "../../.." } }, 'the link "d/l" leads out of the directory'],
    ["a name with a newline", { "a\nb": "1" }, 'the name "a\\nb" contains a newline'],
  ])("is left out, with the reason, for %s", async (_name, tree, reason) => {
    const { dirHash, sha256, omitted } = await directoryDigests(await directory(tree));
    expect(dirHash).toBeUndefined();
    expect(omitted).toEqual([{ algorithm: "dirHash", reason }]);
    expect(sha256).toMatch(/^[0-9a-f]{64}$/);
  });
});

describe.skipIf(goRoot === undefined)(
  "dirHash beside Go's own package (skipped where there is no Go)",
  () => {
    let program = "";

    /** Go ships the package's source for its own tools; a copy of it needs no download. */
    beforeAll(async () => {
      const module = await files.path();
      const source = `${goRoot}/src/cmd/vendor/golang.org/x/mod/sumdb/dirhash/hash.go`;
      await mkdir(join(module, "dirhash"), { recursive: true });
      await writeFile(join(module, "dirhash", "hash.go"), await readFile(source));
      await writeFile(join(module, "go.mod"), "module example.com/dirhash\n\ngo 1.21\n");
      await writeFile(
        join(module, "main.go"),
        `package main

import (
	"fmt"
	"os"

	"example.com/dirhash/dirhash"
)

func main() {
	sum, err := dirhash.HashDir(os.Args[1], "", dirhash.Hash1)
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	fmt.Print(sum)
}
`,
      );
      program = join(module, "sum");
      await run("go", ["build", "-o", program, "."], {
        cwd: module,
        env: { ...process.env, GOTOOLCHAIN: "local" },
      });
    });

    async function byGo(root: string): Promise<string | undefined> {
      return run(program, [root]).then(
        ({ stdout }) => Buffer.from(stdout.replace("h1:", ""), "base64").toString("hex"),
        () => undefined,
      );
    }

    test("links to files are read as the files", async () => {
      const root = await directory({ "a/x": "1", "a-b": "2", l: { link: "a/x" }, m: { link: "l" } });
      const { dirHash } = await directoryDigests(root);
      expect(dirHash).toBe(await byGo(root));
      expect(dirHash).toBeDefined();
    });

    test("of random directories: the same hash, and none where Go has none", async () => {
      await fc.assert(
        fc.asyncProperty(trees, async (tree) => {
          const root = await directory(tree);
          const { dirHash, omitted } = await directoryDigests(root);
          const leadsOut = omitted.some(({ reason }) => reason.includes("leads out"));
          if (!leadsOut) expect(dirHash).toBe(await byGo(root));
          await rm(root, { recursive: true });
        }),
        { numRuns: 40 },
      );
    });
  },
);

describe("DIRECTORY_INVALID", () => {
  test("lists every socket and pipe", async () => {
    const root = await directory({ "a/x": "1" });
    await run("mkfifo", [join(root, "a", "pipe")]);
    const server = createServer();
    await new Promise<void>((resolve) => server.listen(join(root, "socket"), resolve));
    try {
      await expect(directoryDigests(root)).rejects.toMatchObject({
        code: "DIRECTORY_INVALID",
        problems: [
          { path: "a/pipe", expected: "a file, directory or symbolic link", got: "a named pipe" },
          { path: "socket", expected: "a file, directory or symbolic link", got: "a socket" },
        ],
      });
    } finally {
      await new Promise((resolve) => server.close(resolve));
    }
  });

  test("for a file, and for nothing", async () => {
    const file = await files.write("x");
    await expect(directoryDigests(file)).rejects.toMatchObject({ code: "DIRECTORY_INVALID" });
    await expect(directoryDigests(`${file}-missing`)).rejects.toMatchObject({ code: "DIRECTORY_INVALID" });
  });
});

test("a link is followed when it is the directory itself that is named through it", async () => {
  const root = await directory({ x: "1" });
  const link = await files.path();
  await symlink(root, link);
  expect(await directoryDigests(link)).toEqual(await directoryDigests(root));
});
