import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";

import { afterAll, beforeAll, describe, expect, it } from "vitest";

import type { Provenance } from "../../src/provenance/slsa/types.js";
import { literal, type ModuleSession, startModule } from "../support/module.js";
import { shellRoot } from "../support/shell.js";

const manifest = JSON.stringify({ name: "my-ci", engineVersion: "v0.21.8", sdk: { source: "typescript" } });

const source = `
import { dag, func, object, type Container, type Directory, type File, type Secret } from "@dagger.io/dagger";

export enum Level {
  LOW = "low",
  HIGH = "high",
}

/** What the module makes beside images. */
@object()
export class Release {
  @func()
  text: string;

  constructor(text: string) {
    this.text = text;
  }

  /** The release's notes. */
  @func()
  notes(): File {
    return dag.directory().withNewFile("notes.txt", this.text).file("notes.txt");
  }
}

/** Builds. */
@object()
export class MyCi {
  @func()
  flavour: string;

  constructor(flavour: string = "plain") {
    this.flavour = flavour;
  }

  /** Builds the image. */
  @func()
  build(source: Directory, version: string, levels: Level[] = [], token?: Secret, count: number = 1): Container {
    let base = dag.container().withRootfs(source).withEnvVariable("FLAVOUR", this.flavour);
    if (token) base = base.withSecretVariable("TOKEN", token);
    return base
      .withLabel("version", version)
      .withLabel("levels", levels.join(" ") + " " + count)
      .withExec(["/bin/sh", "-c", "echo built > /tmp/out"]);
  }

  /** The source, in a directory of its own. */
  @func()
  packed(source: Directory): Directory {
    return dag.directory().withDirectory("src", source);
  }

  /** Starts a release. */
  @func()
  release(text: string): Release {
    return new Release(text);
  }

  /** A word. */
  @func()
  word(): string {
    return "word";
  }
}
`;

type Statement = { readonly subject: readonly { readonly name: string }[]; readonly predicate: Provenance };

describe("an observed module", () => {
  let session: ModuleSession;
  let module: string;
  let root: string;
  let token: string;

  beforeAll(async () => {
    session = await startModule();
    const place = join(session.workdir, "pipeline", "ci");
    await mkdir(join(place, "src"), { recursive: true });
    await writeFile(join(place, "dagger.json"), manifest);
    await writeFile(join(place, "src", "index.ts"), source);
    const directory = async (path: string): Promise<string> =>
      literal(await session.value(`host { directory(path: ${literal(path)}) { id } }`));
    module = await directory(join(session.workdir, "pipeline"));
    root = await directory(await shellRoot(join(session.workdir, "root")));
    token = literal(await session.value(`setSecret(name: "token", plaintext: "plainwordcanary") { id }`));
  });
  afterAll(() => session.close());

  const observed = (given: string, rest: string): string =>
    `attest { observe(pipeline: ${module}, modulePath: "ci", ${given}) { ${rest} } }`;

  it("gives its result and how that was made", async () => {
    const args = [
      "source=directory",
      "version=1.2",
      "levels=HIGH",
      "levels=LOW",
      "token=secret",
      "flavour=mild",
    ];
    const given = `call: "build", args: ${literal(args)}, directory: ${root}, secret: ${token}, name: "app"`;
    const rest =
      'kind provenance { asFile { contents } summary } container { label(name: "version") file(path: "/tmp/out") { contents } }';
    const answer = (await session.query(`{ ${observed(given, rest)} }`)) as {
      attest: {
        observe: {
          kind: string;
          provenance: { asFile: { contents: string }; summary: string };
          container: { label: string; file: { contents: string } };
        };
      };
    };
    const { kind, provenance, container } = answer.attest.observe;
    expect({ kind, label: container.label, out: container.file.contents }).toEqual({
      kind: "Container",
      label: "1.2",
      out: "built\n",
    });
    const text = provenance.asFile.contents;
    expect(text).not.toContain("canary");
    const { subject, predicate } = JSON.parse(text) as Statement;
    expect(subject).toMatchObject([{ name: "app" }]);
    expect(predicate.buildDefinition.externalParameters).toEqual({
      entryPoint: "MyCi.build",
      module: "local:./my-ci",
      value: "Container",
      arguments: {
        source: "(directory)",
        version: "1.2",
        levels: ["HIGH", "LOW"],
        token: "***",
        flavour: "mild",
      },
    });
    expect(predicate.buildDefinition.resolvedDependencies).toEqual(
      expect.arrayContaining([
        expect.objectContaining({
          name: "my-ci",
          digest: expect.objectContaining({ gitTree: expect.any(String) as string }) as unknown,
        }),
      ]),
    );
    expect(predicate.runDetails.metadata.dagger_completeness).toMatchObject({
      materials: "complete",
      steps: "complete",
      gaps: [],
      hermetic: false,
    });
    expect(text).toContain("echo built > /tmp/out");
  });

  it("is not hermetic: the function's code is not looked into, though all that the value holds is listed", async () => {
    const given = `call: "packed", args: ["source=directory"], directory: ${root}`;
    const contents = await session.value(observed(given, "provenance { asFile { contents } }"));
    const { predicate } = JSON.parse(String(contents)) as Statement;
    // What was handed over stands once, where a recipe and telemetry name it differently too.
    const kinds = JSON.stringify(predicate.buildDefinition.resolvedDependencies).match(
      /"kind":"(?:host-)?directory"/g,
    );
    expect(kinds).toHaveLength(1);
    expect(predicate.runDetails.metadata.dagger_completeness).toMatchObject({
      materials: "complete",
      steps: "complete",
      hermetic: false,
      notes: expect.arrayContaining([
        "the code of functions could use the network; what it read or fetched itself is not recorded",
      ]) as unknown,
    });
  });

  it("is called through its objects", async () => {
    const rest =
      "kind file { contents } files { name } containers { id } directories { id } provenance { subjects { name } }";
    const given = `call: "release.notes", args: ["text=news"]`;
    expect(await session.query(`{ ${observed(given, rest)} }`)).toEqual({
      attest: {
        observe: {
          kind: "File",
          file: { contents: "news" },
          files: [{ name: "notes.txt" }],
          containers: [],
          directories: [],
          provenance: { subjects: [{ name: "notes.txt" }] },
        },
      },
    });
  });

  it("names all that does not fit", async () => {
    const args = ["versoin=1", "levels=MIDDLE", "count=some", "source=directory"];
    const asked = session.value(observed(`call: "build", args: ${literal(args)}`, "kind"));
    await expect(asked).rejects.toThrow(
      /ARGUMENT_INVALID[^]*versoin: one of [^]*count: a value of type Int[^]*source: one of the values[^]*version: an argument/,
    );
  });

  it.each([
    [
      "a function that is none",
      `call: "biuld"`,
      /one of flavour, build, packed, release, word expected, got biuld/,
    ],
    ["a result that is no value", `call: "word"`, /a Container, a Directory or a File expected, got String/],
  ])("refuses %s", async (_case, given, message) => {
    await expect(session.value(observed(given, "kind"))).rejects.toThrow(message);
  });

  it("refuses a directory without a module", async () => {
    const asked = `attest { observe(pipeline: ${root}, call: "build") { kind } }`;
    await expect(session.value(asked)).rejects.toThrow(
      /dagger.json or dagger-module.toml expected, got neither/,
    );
  });
});
