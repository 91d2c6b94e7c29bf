/** Python that is written against the module's generated client: called with stand-ins. */
import { execFile } from "node:child_process";
import { mkdtemp, writeFile } from "node:fs/promises";
import { join } from "node:path";

import { isRequired } from "../../cli/catalog.js";
import { kebabCase } from "../../engine/module/names.js";
import type { FunctionType, TypeReference } from "../../engine/module/types.js";
import { goldenCatalog } from "../docs/commands.js";
import { root } from "../docs/pages.js";

export async function pythonIsThere(): Promise<boolean> {
  return (await python(["--version"], {})).code === 0;
}

/** Calls every function of a module's source; gives how many there were. @throws what Python printed */
export async function callPython(source: string, scratch: string): Promise<number> {
  const directory = await mkdtemp(join(scratch, "python-"));
  await writeFile(join(directory, "shown.py"), source);
  await writeFile(join(directory, "types.json"), JSON.stringify(await pythonTypes()));
  const stubs = join(root, "test", "examples");
  const { code, output } = await python([join(stubs, "call_all.py"), "shown"], {
    PYTHONPATH: [directory, stubs].join(":"),
    PYTHONDONTWRITEBYTECODE: "1",
    ATTEST_TYPES: join(directory, "types.json"),
  });
  if (code !== 0) throw new Error(output);
  return Number(output.trim());
}

/** Python's own words get an underscore, as its SDK does it. */
const keywords = new Set(["assert", "from", "import", "with", "is", "in", "not"]);

function snakeCase(name: string): string {
  const snake = kebabCase(name).replaceAll("-", "_");
  return keywords.has(snake) ? `${snake}_` : snake;
}

type PythonFunction = {
  readonly required: readonly string[];
  readonly optional: readonly string[];
  readonly returns: string | readonly [string];
};

/** The table that test/examples/dagger.py reads: names as Python's SDK has them. */
async function pythonTypes(): Promise<unknown> {
  const catalog = await goldenCatalog();
  // Of a Service the local engine knows its address alone: it has no functions there.
  const objects: Record<string, Record<string, PythonFunction>> = { Service: {} };
  for (const { name, functions } of catalog.objects.values()) {
    const all = name === "Query" ? [...functions, catalog.constructorFunction] : functions;
    objects[name] = Object.fromEntries(all.map((called) => [snakeCase(called.name), pythonFunction(called)]));
  }
  const enums: Record<string, string[]> = {};
  for (const { name, members } of catalog.enums.values()) enums[name] = members.map((member) => member.name);
  return { objects, enums };
}

function pythonFunction(called: FunctionType): PythonFunction {
  const names = (required: boolean) =>
    called.arguments
      .filter((argument) => isRequired(argument) === required)
      .map((argument) => snakeCase(argument.name));
  return { required: names(true), optional: names(false), returns: returned(called.returns) };
}

function returned(type: TypeReference): string | [string] {
  if (type.kind === "list") return [String(returned(type.of))];
  return "name" in type ? type.name : type.kind;
}

async function python(
  args: readonly string[],
  env: Readonly<Record<string, string>>,
): Promise<{ code: number; output: string }> {
  return await new Promise((resolve) => {
    execFile("python3", args, { env: { ...process.env, ...env } }, (error, stdout, stderr) => {
      const code = error === null ? 0 : 1;
      resolve({ code, output: code === 0 ? stdout : `${stdout}${stderr}${error?.message ?? ""}`.trim() });
    });
  });
}
