/** Go that is written against the module's generated client: formatted, and accepted by `go vet`. */
import { execFile } from "node:child_process";
import { mkdir, mkdtemp, writeFile } from "node:fs/promises";
import { join } from "node:path";

import { goldenCatalog } from "../docs/commands.js";
import { goClient } from "./go-client.js";

export async function goIsThere(): Promise<boolean> {
  return (await run("go", ["version"], "/")) === "" && (await run("gofmt", ["-d"], "/")) === "";
}

/** "" where nothing is wrong, else what is. `text` is a file, or some functions out of one. */
export async function checkGo(text: string, scratch: string): Promise<string> {
  const directory = await mkdtemp(join(scratch, "go-"));
  // From stdin gofmt takes parts of a file too.
  const unformatted = await run("gofmt", ["-d"], directory, text);
  const source = /^package /m.test(text) ? text : asGoFile(text);
  const name = /"dagger\/([^/]+)\/internal\/dagger"/.exec(source)?.[1] ?? "snippet";
  await mkdir(join(directory, "internal", "dagger"), { recursive: true });
  const files: [string, string][] = [
    ["go.mod", `module dagger/${name}\n\ngo 1.23\n`],
    ["shown.go", source],
    [
      "main.go",
      `package main\n\nimport "dagger/${name}/internal/dagger"\n\nvar dag *dagger.Client\n\nfunc main() {}\n`,
    ],
    [join("internal", "dagger", "dagger.gen.go"), goClient(await goldenCatalog())],
  ];
  for (const [path, content] of files) await writeFile(join(directory, path), content);
  const vetted = await run("go", ["vet", "./..."], directory);
  return [unformatted, vetted].filter((line) => line !== "").join("\n");
}

/** Puts a package, imports and the receivers' types around functions. */
function asGoFile(text: string): string {
  const receivers = new Set([...text.matchAll(/^func \(\w+ \*?(\w+)\)/gm)].map(([, name]) => name ?? ""));
  const imports = [
    ...(text.includes("context.") ? ['"context"'] : []),
    ...(text.includes("dagger.") ? ['"dagger/snippet/internal/dagger"'] : []),
  ];
  const types = [...receivers].filter((name) => !text.includes(`type ${name} `));
  return [
    "package main",
    `import (\n${imports.join("\n")}\n)`,
    ...types.map((name) => `type ${name} struct{}`),
    text,
  ].join("\n");
}

/** What a command printed when it failed, or on stdout; "" when it succeeded without a word that counts. */
async function run(program: string, args: readonly string[], cwd: string, input = ""): Promise<string> {
  const env = { ...process.env, GOFLAGS: "-mod=mod", GOPROXY: "off", GOWORK: "off", GOTOOLCHAIN: "local" };
  return await new Promise((resolve) => {
    const child = execFile(program, args, { cwd, env }, (error, stdout, stderr) => {
      if (error !== null && "code" in error && error.code === "ENOENT") resolve("missing");
      else if (error !== null) resolve(`${stdout}${stderr}`.trim());
      else resolve(args[0] === "-d" ? stdout.trim() : "");
    });
    // A program that reads nothing may have ended already.
    child.stdin?.on("error", () => undefined).end(input);
  });
}
