import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

import { afterAll, beforeAll, describe, expect, test } from "vitest";

import { sendQuery } from "../../../cli/client.js";
import { QueryError } from "../../../cli/run.js";
import { startEngine } from "../../../engine/index.js";
import { serveModule } from "../../../engine/module/serve.js";

let work: string;
let lines: string[];
let engine: Awaited<ReturnType<typeof startEngine>>;
let modules: Awaited<ReturnType<typeof serveModule>>[];

beforeAll(async () => {
  work = await mkdtemp(join(tmpdir(), "attest-fixture-"));
  await mkdir(join(work, "directory"));
  await writeFile(join(work, "directory", "a.txt"), "one");
  await writeFile(join(work, "directory", "b.txt"), "two");
  lines = [];
  engine = await startEngine({
    store: join(work, "store"),
    workdir: work,
    env: { FIXTURE_TOKEN: "hunter2" },
    progress: () => undefined,
    standIn: () => Promise.resolve(undefined),
  });
  modules = await Promise.all(
    ["fixture", "bare"].map((name) =>
      serveModule({
        engine,
        directory: fileURLToPath(new URL(name, import.meta.url)),
        cache: join(work, "store"),
        onOutput: (line) => lines.push(line),
      }),
    ),
  );
});

afterAll(async () => {
  await Promise.all(modules.map((module) => module.close()));
  await engine.close();
  await rm(work, { recursive: true });
});

async function ask(query: string): Promise<unknown> {
  return await sendQuery(engine, query);
}

/** What stands under `fixture` in the response. */
async function fixture(selection: string, constructor = ""): Promise<unknown> {
  return ((await ask(`{ fixture${constructor} { ${selection} } }`)) as { fixture: unknown }).fixture;
}

async function refusal(selection: string): Promise<QueryError> {
  try {
    await fixture(selection);
  } catch (error) {
    if (error instanceof QueryError) return error;
    throw error;
  }
  throw new Error(`not refused: ${selection}`);
}

async function idOf(address: string, type: string): Promise<string> {
  const data = await ask(`{ address(value: ${JSON.stringify(address)}) { ${type} { id } } }`);
  return JSON.stringify((data as { address: Record<string, { id: string }> }).address[type]?.id);
}

describe("a call", () => {
  test("gets the arguments that were given, and defaults for the others", async () => {
    expect(await fixture('note(name: "Ada") { text ink lines }')).toEqual({
      note: { text: "hello Ada", ink: "BLACK", lines: ["hello Ada"] },
    });
    const given = 'name: "Ada", ink: DARK_RED, others: ["Bob"], signature: "me", loud: true';
    expect(await fixture(`note(${given}) { text ink lines }`, '(greeting: "hi", volume: 2)')).toEqual({
      note: { text: "hi Ada, Bob!!\nme", ink: "DARK_RED", lines: ["hi Ada, Bob!!", "me"] },
    });
  });

  test("is given null for what is nullable, and nothing for what was left out", async () => {
    expect(await fixture("optionalType")).toEqual({ optionalType: "undefined null" });
  });

  test("starts from the object's state, exposed or not", async () => {
    expect(
      await fixture('note(name: "Ada") { withLine(line: "x") { withLine(line: "y") { changes text } } }'),
    ).toEqual({
      note: { withLine: { withLine: { changes: 2, text: "hello Ada\nx\ny" } } },
    });
    expect(await fixture("greeting loudness", "(volume: 11)")).toEqual({ greeting: "hello", loudness: 11 });
  });

  test("has a process of its own", async () => {
    expect(await fixture("first: callsOfThisProcess second: callsOfThisProcess")).toEqual({
      first: 1,
      second: 1,
    });
  });

  test("takes directories, files, lists of files and secrets by id", async () => {
    const directory = await idOf("directory", "directory");
    const files = [await idOf("directory/a.txt", "file"), await idOf("directory/b.txt", "file")];
    const secret = await idOf("env:FIXTURE_TOKEN", "secret");
    expect(
      await fixture(
        `list(directory: ${directory}) join(files: [${files.join(", ")}]) secretLength(secret: ${secret})`,
      ),
    ).toEqual({ list: ["a.txt", "b.txt"], join: "onetwo", secretLength: 7 });
  });

  test("returns a file that the chain goes on with", async () => {
    expect(await fixture('note(name: "Ada") { asFile { name contents size } }')).toEqual({
      note: { asFile: { name: "note.txt", contents: "hello Ada", size: 9 } },
    });
  });

  test("returns files and directories of its own disk", async () => {
    expect(
      await fixture('written(text: "ink") { name contents } writtenDirectory { glob(pattern: "**") }'),
    ).toEqual({
      written: { name: "written.txt", contents: "ink" },
      writtenDirectory: { glob: ["below/", "below/leaf"] },
    });
    expect((await refusal("outside { contents }")).message).toContain("working directory expected");
  });

  test("returns lists of objects", async () => {
    expect(await fixture('notes(names: ["Ada", "Bob"]) { text withLine(line: "x") { text } }')).toEqual({
      notes: [
        { text: "hello Ada", withLine: { text: "hello Ada\nx" } },
        { text: "hello Bob", withLine: { text: "hello Bob\nx" } },
      ],
    });
  });

  test("of a void function gives null, and what it prints is passed on", async () => {
    expect(await fixture("talk")).toEqual({ talk: null });
    expect(lines).toEqual(expect.arrayContaining(["said on stdout", "said on stderr"]));
  });

  test("gives objects ids that load them again", async () => {
    const { note } = (await fixture('note(name: "Ada") { id }')) as { note: { id: string } };
    const query = `{ node(id: ${JSON.stringify(note.id)}) { ... on FixtureNote { text } } }`;
    expect(await ask(query)).toEqual({ node: { text: "hello Ada" } });
  });
});

describe("what fails on Dagger fails here", () => {
  test("an error keeps its message", async () => {
    expect((await refusal('refuse(reason: "no")')).message).toContain("refused: no");
  });

  test("an error from the engine keeps what the engine said", async () => {
    const directory = await idOf("directory", "directory");
    expect((await refusal(`missing(directory: ${directory})`)).message).toContain("not-there");
  });

  test("a property that the class does not declare", async () => {
    expect((await refusal("undeclared { text }")).message).toContain("could not find result property extra");
  });

  test("an object in a list is not loaded deeply: its files are ids", async () => {
    const labelled = 'note(name: "Ada") { withLabel(text: "tag")';
    expect(
      await fixture(`${labelled} { labels { text file { contents } shout contents } labelFileType } }`),
    ).toEqual({
      note: {
        withLabel: {
          labels: [{ text: "tag", file: { contents: "tag" }, shout: "TAG", contents: "tag" }],
          labelFileType: "string",
        },
      },
    });
    expect((await refusal(`${labelled} { labelContents } }`)).message).toContain(
      "contents is not a function",
    );
  });

  test("an object without a constructor has an empty state: initialisers do not run", async () => {
    expect(await ask("{ bare { itemsType } }")).toEqual({ bare: { itemsType: "undefined" } });
    await expect(ask("{ bare { items } }")).rejects.toThrow(QueryError);
  });

  test("a required argument that is left out", async () => {
    expect((await refusal("note { text }")).message).toMatch(/name/);
  });

  test("a function's client has no host", async () => {
    const query = '{ host { directory(path: "/") { entries } } }';
    const client = engine.newClient({ workdir: work, data: undefined });
    await expect(sendQuery({ port: engine.port, token: client.token }, query)).rejects.toThrow(QueryError);
    client.close();
  });
});
