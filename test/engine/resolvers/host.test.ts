import { execFile } from "node:child_process";
import { chmod, mkdir, mkdtemp, symlink, writeFile } from "node:fs/promises";
import { createServer } from "node:net";
import { join } from "node:path";
import { promisify } from "node:util";

import { afterAll, beforeAll, describe, expect, it } from "vitest";

import { literal, startTestEngine, type TestEngine } from "../engine.js";

describe("a directory of the machine", () => {
  let engine: TestEngine;
  let source: string;
  beforeAll(async () => {
    engine = await startTestEngine();
    source = await mkdtemp(join(engine.workdir, "source-"));
  });
  afterAll(() => engine.close());

  const value = (rest: string): Promise<unknown> =>
    engine.value(`host { directory(path: ${literal(source)}) { ${rest} } }`);

  it("has every name as it is", async () => {
    const names = ["with space", "ünï ƒ", "new\nline", "tab\t", 'quote"back\\slash', "-dash", "a:b,c"];
    for (const name of names) {
      await mkdir(join(source, name));
      await writeFile(join(source, name, name), name);
    }
    expect(await value("entries")).toEqual(names.map((name) => `${name}/`).sort());
    for (const name of names) {
      expect(await value(`file(path: ${literal(`${name}/${name}`)}) { contents }`)).toBe(name);
    }
  });

  it("keeps links as links, wherever they lead", async () => {
    await mkdir(join(source, "links"));
    await symlink("nowhere", join(source, "links", "dangling"));
    await symlink("/etc/passwd", join(source, "links", "leaving"));
    await symlink("..", join(source, "links", "up"));
    await symlink("self", join(source, "links", "self"));
    const target = join(engine.workdir, "exported");
    await value(`directory(path: "links") { export(path: ${literal(target)}) }`);
    const { stdout } = await promisify(execFile)("find", [target, "-type", "l", "-printf", "%f %l\n"]);
    expect(stdout.trim().split("\n").sort()).toEqual([
      "dangling nowhere",
      "leaving /etc/passwd",
      "self self",
      "up ..",
    ]);
  });

  it("is read with root's rights, without sockets and pipes", async () => {
    const odd = join(source, "odd");
    await mkdir(odd);
    await writeFile(join(odd, "unreadable"), "secret");
    await chmod(join(odd, "unreadable"), 0);
    await promisify(execFile)("mkfifo", [join(odd, "pipe")]);
    const server = createServer();
    await new Promise<void>((resolve) => server.listen(join(odd, "socket"), resolve));
    try {
      expect(await value('directory(path: "odd") { entries }')).toEqual(["unreadable"]);
    } finally {
      server.close();
    }
  });

  it("is refused with a name that is no UTF-8, unless that is left out", async () => {
    await mkdir(join(source, "latin"));
    await writeFile(Buffer.concat([Buffer.from(join(source, "latin", "caf")), Buffer.from([0xe9])]), "x");
    await expect(value('directory(path: "latin") { entries }')).rejects.toThrow(
      /latin\/caf\ufffd: a name in UTF-8 expected/,
    );
    const without = `host { directory(path: ${literal(join(source, "latin"))}, exclude: ["caf*"]) { entries } }`;
    expect(await engine.value(without)).toEqual([]);
  });
});
