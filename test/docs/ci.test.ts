/** The recipes of docs/ci and the project's own workflows. */
import { execFile } from "node:child_process";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { beforeAll, describe, expect, test } from "vitest";
import { parseDocument } from "yaml";

import type { Catalog } from "../../cli/catalog.js";
import { attestCommands, commandFault, goldenCatalog } from "./commands.js";
import { filesBelow, readPage, root } from "./pages.js";

let catalog: Catalog;
const workflows = [
  ...(await filesBelow(".github/workflows", ".yml")),
  "docs/ci/github-actions.yml",
  "docs/ci/github-actions-publish.yml",
];
const yaml = [...workflows, "docs/ci/gitlab-ci.yml", "docs/ci/circleci.yml"];
const scripts = await filesBelow("docs/ci", ".sh");

beforeAll(async () => {
  catalog = await goldenCatalog();
});

async function yamlOf(path: string): Promise<unknown> {
  // A GitLab or CircleCI file may use anchors; keys must not repeat.
  const document = parseDocument((await readPage(path)).text, { uniqueKeys: true, strict: true });
  expect([path, document.errors]).toEqual([path, []]);
  return document.toJS() as unknown;
}

/** Every text in a document that stands below one of these keys: where CI systems keep their commands. */
function scriptsIn(value: unknown, inScript = false): string[] {
  if (typeof value === "string") return inScript ? [value] : [];
  if (Array.isArray(value)) return value.flatMap((item) => scriptsIn(item, inScript));
  if (typeof value !== "object" || value === null) return [];
  return Object.entries(value).flatMap(([key, inner]) =>
    scriptsIn(inner, ["run", "script", "before_script", "command"].includes(key)),
  );
}

function faults(texts: readonly string[]): string[] {
  return texts.flatMap(attestCommands).flatMap((words) => commandFault(catalog, words) ?? []);
}

test.each(yaml)("%s is YAML whose commands the module understands", async (path) => {
  const texts = scriptsIn(await yamlOf(path));
  expect(texts.flatMap(attestCommands)).not.toEqual([]);
  expect(faults(texts)).toEqual([]);
});

test("docs/ci/Jenkinsfile has commands that the module understands, and its braces close", async () => {
  const { text } = await readPage("docs/ci/Jenkinsfile");
  const shell = [...text.matchAll(/sh '''([\s\S]*?)'''/g)].map(([, script = ""]) => script);
  expect(shell.flatMap(attestCommands)).not.toEqual([]);
  expect(faults(shell)).toEqual([]);
  const code = text.replace(/'''[\s\S]*?'''|'[^']*'|\/\/.*$/gm, "");
  expect(code.split("{").length).toBe(code.split("}").length);
});

test.each(scripts)("%s is a script whose commands the module understands", async (path) => {
  const { text } = await readPage(path);
  expect(text).toMatch(/^#!\/bin\/sh\n/);
  expect(attestCommands(text)).not.toEqual([]);
  expect(faults([text])).toEqual([]);
  expect(await run("sh", ["-n", join(root, path)])).toBe("");
});

test.each(workflows)("%s pins every action by commit, and says which version that is", async (path) => {
  const used = [...(await readPage(path)).text.matchAll(/uses: (\S+)(.*)$/gm)];
  const loose = used.filter(
    ([, action = "", note = ""]) => !/@[0-9a-f]{40}$/.test(action) || !/^ # v\d+\.\d+\.\d+$/.test(note),
  );
  expect(used).not.toEqual([]);
  expect(loose.map(([whole]) => whole)).toEqual([]);
});

test.each(workflows)("%s gives a job no more than it asks for, and a time limit", async (path) => {
  const { permissions, jobs } = (await yamlOf(path)) as {
    permissions?: unknown;
    jobs: Record<string, { "timeout-minutes"?: number }>;
  };
  expect([{}, { contents: "read" }]).toContainEqual(permissions);
  const endless = Object.entries(jobs).filter(([, job]) => job["timeout-minutes"] === undefined);
  expect(endless.map(([name]) => name)).toEqual([]);
});

test("no secret stands in an argument list", async () => {
  for (const path of yaml) {
    const words = scriptsIn(await yamlOf(path))
      .flatMap(attestCommands)
      .flat();
    const secret = words.filter((word) =>
      /^--(password|key|passphrase|identity-token|token-request-token)=/.test(word),
    );
    expect([path, secret.filter((word) => !/=(env|file|cmd):/.test(word))]).toEqual([path, []]);
  }
});

const installed = await run("sh", [join(root, "scripts", "lint-tools.sh")]);
/** Where a linter is; nothing where it can't be had. */
const linter = (name: string) => new RegExp(`^${name} (.+)$`, "m").exec(installed)?.[1];
const actionlint = linter("actionlint");
const schemas = linter("check-jsonschema");

describe.skipIf(actionlint === undefined)("actionlint (skipped where there is no Go to build it)", () => {
  test.each(workflows)("finds nothing in %s", async (path) => {
    expect(await run(actionlint ?? "", ["-shellcheck=", "-no-color", join(root, path)])).toBe("");
  });
});

describe.skipIf(schemas === undefined)("check-jsonschema (skipped where there is no pip)", () => {
  const check = (path: string, schema: string) =>
    run("python3", ["-m", "check_jsonschema", "--builtin-schema", `vendor.${schema}`, path], {
      ...process.env,
      PYTHONPATH: schemas ?? "",
    });
  const files = [
    ["docs/ci/gitlab-ci.yml", "gitlab-ci"],
    ["docs/ci/circleci.yml", "circle-ci"],
    ...workflows.map((path) => [path, "github-workflows"] as const),
  ] as const;

  test.each(files)("%s is as the schema of %s wants it", async (path, schema) => {
    expect(await check(join(root, path), schema)).toBe("ok -- validation done");
  });

  test.each(files)("%s with a key that is none is refused by %s", async (path, schema) => {
    const changed = (await readPage(path)).text.replace(/^( +)(script|steps):/m, "$1$2s:");
    const directory = await mkdtemp(join(tmpdir(), "attest-ci-"));
    try {
      await writeFile(join(directory, "ci.yml"), changed);
      expect(await check(join(directory, "ci.yml"), schema)).toContain("Schema validation errors");
    } finally {
      await rm(directory, { recursive: true });
    }
  });
});

/** What a program printed. */
async function run(
  program: string,
  args: readonly string[],
  env: NodeJS.ProcessEnv = process.env,
): Promise<string> {
  return await new Promise((resolve) => {
    execFile(program, args, { env }, (_, stdout, stderr) => {
      resolve(`${stdout}${stderr}`.trim());
    });
  });
}
