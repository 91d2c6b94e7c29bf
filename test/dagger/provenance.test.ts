import { execFile } from "node:child_process";
import { createHash, randomUUID } from "node:crypto";
import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { promisify } from "node:util";

import { afterAll, beforeAll, describe, expect, it } from "vitest";

import type { Provenance } from "../../src/provenance/slsa/types.js";
import { traceLine } from "../../src/provenance/telemetry/trace-file.js";
import { hostBodies, noRecordings } from "../provenance/recordings.js";
import { notes, serveFiles } from "../support/file-server.js";
import { literal, type ModuleSession, startModule } from "../support/module.js";
import { shellRoot } from "../support/shell.js";

const run = promisify(execFile);

type Statement = {
  readonly subject: readonly { readonly name: string; readonly digest: Record<string, string> }[];
  readonly predicateType: string;
  readonly predicate: Provenance;
};

type StepsDocument = { readonly steps: readonly StepJson[]; readonly layers?: readonly unknown[] };

type StepJson = {
  readonly id: string;
  readonly operation: string;
  readonly argv?: readonly string[];
  readonly environment?: unknown;
};

/** Looks like a secret; the plain one looks like any other word. */
const canary = "s3cr3t-canary";
const plain = "plainwordcanary";

/** A server on loopback is out of a Dagger engine's reach. */
const isReal = process.env["DAGGER_SESSION_PORT"] !== undefined;

describe("provenance", () => {
  let session: ModuleSession;
  let base: string;

  beforeAll(async () => {
    session = await startModule();
    const root = await shellRoot(join(session.workdir, "root"));
    const directory = await session.value(`host { directory(path: ${literal(root)}) { id } }`);
    base = `container { withRootfs(directory: ${literal(directory)})`;
  });
  afterAll(() => session.close());

  const chained = (fields: readonly string[]): string =>
    `${fields.map((field) => `{ ${field} `).join("")}{ id }${" }".repeat(fields.length + 1)}`;
  /** Id of what comes of the fields on a container with a shell. */
  const made = async (...fields: string[]): Promise<string> =>
    String(await session.value(`${base} ${chained(fields)}`));
  const provenance = (given: string): string => `attest { provenance(${given})`;
  const statementOf = async (given: string): Promise<Statement> =>
    JSON.parse(String(await session.value(`${provenance(given)} { asFile { contents } } }`))) as Statement;
  const documentOf = ({ predicate }: Statement): StepsDocument =>
    predicate.runDetails.byproducts.find(({ name }) => name === "steps")?.annotations?.[
      "document"
    ] as StepsDocument;
  const stepsOf = (statement: Statement): readonly StepJson[] => documentOf(statement).steps;
  const layersOf = (statement: Statement): readonly unknown[] => documentOf(statement).layers ?? [];

  it("of a directory: complete where ids are recipes", async () => {
    const id = await made(
      `withNewFile(path: "/in", contents: "hello ${randomUUID()}")`,
      `withExec(args: ["/bin/sh", "-c", "cat /in > /tmp/out"])`,
      `directory(path: "/tmp")`,
    );
    const statement = await statementOf(`directory: ${literal(id)}, name: "app"`);
    expect(statement.subject).toEqual([
      { name: "app", digest: expect.objectContaining({ sha256: expect.any(String) as string }) as unknown },
    ]);
    expect(statement.predicateType).toBe("https://slsa.dev/provenance/v1");
    const { buildDefinition, runDetails } = statement.predicate;
    expect(buildDefinition.externalParameters).toEqual({ value: "Directory" });
    expect(buildDefinition.resolvedDependencies).toMatchObject([{ annotations: { kind: "host-directory" } }]);
    const { dagger_completeness: completeness, ...times } = runDetails.metadata;
    expect(times).toMatchObject({ startedOn: expect.any(String) as string });
    expect(completeness).toMatchObject({
      materials: "complete",
      steps: "complete",
      usage: "complete",
      gaps: [],
    });
    expect(completeness.sources).toEqual(["recipe", "telemetry", "metadata", "skeleton"]);
    expect(completeness.skeletonOps).toBe(completeness.explainedOps);
    expect(completeness.unavailable).toEqual({
      history: expect.stringMatching(/no image history/) as string,
    });
    const command = stepsOf(statement).find(({ argv }) => argv !== undefined);
    expect(command).toMatchObject({
      argv: ["/bin/sh", "-c", "cat /in > /tmp/out"],
      outcome: "run",
      usage: { cpuTotalMicros: expect.any(Number) as number },
    });
    // Dagger's engine does not tell an exit code; its figures are of the command's own group.
    if (!isReal) {
      expect(command).toMatchObject({
        exitCode: 0,
        usage: { measured: expect.stringMatching(/ of the runner$/) as string },
      });
      expect(completeness.notes).toContainEqual(expect.stringMatching(/^usage is of the program that runs/));
    }
  });

  it.skipIf(isReal)(
    "of what was built before by another recipe: cached, with no usage and no time of its own",
    async () => {
      const mark = randomUUID();
      const built = (label: string): Promise<string> =>
        made(
          `withLabel(name: "a", value: "${label}")`,
          `withExec(args: ["/bin/sh", "-c", "echo ${mark} > /tmp/mark"])`,
          `directory(path: "/tmp")`,
        );
      await session.value(`loadDirectoryFromID(id: ${literal(await built("first"))}) { sync }`);
      const statement = await statementOf(`directory: ${literal(await built("second"))}`);
      expect(statement.predicate.runDetails.metadata.dagger_completeness).toMatchObject({
        materials: "complete",
        usage: "none",
      });
      const command = stepsOf(statement).find(({ argv }) => argv !== undefined);
      expect(command).toMatchObject({ outcome: "cached" });
      expect(statement.predicate.runDetails.metadata).not.toHaveProperty("startedOn");
      expect(command).not.toHaveProperty("usage");
    },
  );

  it("of a file: what can't be asked of it is said", async () => {
    const id = await made(`withNewFile(path: "/in", contents: "hello")`, `file(path: "/in")`);
    const statement = await statementOf(`file: ${literal(id)}, mode: MIN`);
    const sha256 = createHash("sha256").update("hello").digest("hex");
    expect(statement.subject).toMatchObject([{ name: "in", digest: { sha256 } }]);
    const { dagger_completeness: completeness } = statement.predicate.runDetails.metadata;
    expect(completeness.materials).toBe("complete");
    expect(completeness.unavailable).toMatchObject({ skeleton: /File can't be asked/ });
    // The size and digest of a written text stand in MAX only.
    expect(JSON.stringify(statement.predicate)).not.toContain(sha256);
  });

  it("of a container: its image, its history, its label", async () => {
    const id = await made(
      `withLabel(name: "version", value: "1.2")`,
      `withExec(args: ["/bin/sh", "-c", "echo built > /tmp/out"])`,
    );
    const statement = await statementOf(`container: ${literal(id)}, name: "registry.example/app"`);
    expect(statement.subject).toMatchObject([
      { name: "registry.example/app", digest: { sha256: expect.stringMatching(/^[0-9a-f]{64}$/) as string } },
    ]);
    const { dagger_completeness: completeness } = statement.predicate.runDetails.metadata;
    expect(completeness).toMatchObject({ materials: "complete", steps: "complete", gaps: [] });
    expect(completeness.sources).toEqual(["recipe", "telemetry", "metadata", "history", "skeleton"]);
    expect(JSON.stringify(stepsOf(statement))).toContain(`"version","value":"1.2"`);
    const { id: command } = stepsOf(statement).find(({ argv }) => argv !== undefined) ?? {};
    expect(layersOf(statement).at(-1)).toMatchObject({
      step: command,
      source: "history",
      exactness: "inferred",
    });
  });

  it.skipIf(isReal)("of what was fetched: commits, digests, and no credentials of URLs", async () => {
    const server = await serveFiles(join(session.workdir, "served"));
    try {
      const git = `git(url: "http://user:${plain}@${server.host}/repo.git") { tag(name: "v1.0.0") { tree { id } } }`;
      const http = `http(url: "http://${server.host}/notes.txt?token=${plain}") { id }`;
      const [tree, file] = [await session.value(git), await session.value(http)];
      const id = await made(
        `withDirectory(path: "/tmp/src", source: ${literal(tree)})`,
        `withFile(path: "/tmp/notes.txt", source: ${literal(file)})`,
        `directory(path: "/tmp")`,
      );
      const { predicate } = await statementOf(`directory: ${literal(id)}`);
      expect(JSON.stringify(predicate)).not.toContain(plain);
      expect(predicate.buildDefinition.resolvedDependencies).toEqual(
        expect.arrayContaining([
          expect.objectContaining({
            uri: `git+http://${server.host}/repo.git@refs/tags/v1.0.0`,
            digest: { gitCommit: server.commit },
          }),
          expect.objectContaining({
            uri: `http://${server.host}/notes.txt?token=***`,
            digest: { sha256: createHash("sha256").update(notes).digest("hex") },
          }),
        ]),
      );
      expect(predicate.runDetails.metadata.dagger_completeness).toMatchObject({
        materials: "complete",
        hermetic: true,
        gaps: [],
      });
    } finally {
      await server.close();
    }
  });

  it.skipIf(isReal)(
    "of a directory of the host: digests that anybody can compute, and where git stands",
    async () => {
      const place = join(session.workdir, "tree");
      await mkdir(place);
      const git = async (...args: string[]): Promise<string> =>
        (
          await run("git", ["-C", place, "-c", "user.name=a", "-c", "user.email=a@host.test", ...args])
        ).stdout.trim();
      await writeFile(join(place, "app.txt"), "app");
      await git("init", "--quiet", "--initial-branch=main");
      await git("add", "app.txt");
      await git("commit", "--quiet", "--message=first");
      const commit = await git("rev-parse", "HEAD");
      const materialOf = async (given = ""): Promise<Record<string, unknown>> => {
        const directory = await session.value(
          `host { directory(path: ${literal(place)}${given}, noCache: true) { id } }`,
        );
        const { predicate } = await statementOf(`directory: ${literal(directory)}`);
        return predicate.buildDefinition.resolvedDependencies[0] as unknown as Record<string, unknown>;
      };
      const clean = await materialOf();
      expect(clean).toMatchObject({
        digest: {
          gitCommit: commit,
          gitTree: await git("rev-parse", "HEAD^{tree}"),
          dirHash: expect.stringMatching(/^[0-9a-f]{64}$/) as string,
          sha256: expect.stringMatching(/^[0-9a-f]{64}$/) as string,
          daggerContentSha256: expect.stringMatching(/^[0-9a-f]{64}$/) as string,
        },
        annotations: { kind: "host-directory", git: { commit, ref: "refs/heads/main", isCommit: true } },
      });
      // Without the repository nobody can know the commit.
      const bare = await materialOf(', exclude: [".git"]');
      expect(bare["digest"]).toMatchObject({ gitTree: (clean["digest"] as { gitTree: string }).gitTree });
      expect(JSON.stringify(bare)).not.toContain(commit);
      // What git does not track may have gone into the build.
      await writeFile(join(place, "more.txt"), "more");
      const changed = await materialOf();
      expect(changed["digest"]).not.toHaveProperty("gitCommit");
      expect(changed["annotations"]).toMatchObject({ git: { commit, isCommit: false } });
    },
  );

  it("tells no secret, wherever it stands, and names it", async () => {
    const [token, file] = await Promise.all(
      ["token", "file"].map((name) =>
        session.value(`setSecret(name: ${literal(name)}, plaintext: ${literal(`${plain}-${name}`)}) { id }`),
      ),
    );
    const id = await made(
      `withSecretVariable(name: "TOKEN", secret: ${literal(token)})`,
      `withMountedSecret(path: "/run/token", source: ${literal(file)})`,
      `withEnvVariable(name: "MODE", value: "${plain}")`,
      `withNewFile(path: "/key", contents: "key: ${plain}")`,
      `withLabel(name: "note", value: "https://user:${plain}@host.test/?token=${plain}")`,
      `withExec(args: ["/bin/sh", "-c", "true", "${canary}", "--password", "${plain}", "${plain}-bare"], stdin: "${plain}")`,
      `directory(path: "/tmp")`,
    );
    const bare = await session.value(`setSecret(name: "bare", plaintext: "${plain}-bare") { id }`);
    const asked = `directory: ${literal(id)}, secrets: [${literal(bare)}]`;
    const all = await session.query(
      `{ ${provenance(asked)} { summary mermaid graph { contents } asFile { contents } } } }`,
    );
    const text = JSON.stringify(all);
    expect(text).toContain("withMountedSecret");
    expect(text).toContain("TOKEN");
    expect(text).not.toContain("canary");
    expect(session.output.join("\n")).not.toContain("canary");
  });

  it.skipIf(noRecordings)(
    `takes nothing from a trace of another build (${noRecordings ?? "present"})`,
    async () => {
      const trace = join(session.workdir, "trace.jsonl");
      await writeFile(trace, hostBodies().map(traceLine).join(""));
      const traceId = await session.value(`host { file(path: ${literal(trace)}) { id } }`);
      const id = await made(`withNewFile(path: "/tmp/x", contents: "x")`, `directory(path: "/tmp")`);
      const { predicate } = await statementOf(`directory: ${literal(id)}, trace: ${literal(traceId)}`);
      // It is of another build: that is told, and nothing of it is taken over.
      const { sources, unavailable = {} } = predicate.runDetails.metadata.dagger_completeness;
      expect(sources).not.toContain("host-trace");
      expect(unavailable["host-trace"]).toBe("the trace holds no call of this value");
      expect(predicate.buildDefinition.internalParameters).not.toHaveProperty("labels");
      expect(JSON.stringify(predicate)).not.toContain("node:24");
    },
  );

  it("refuses a trace that is none", async () => {
    const path = join(session.workdir, "none.jsonl");
    await writeFile(path, "no trace\n");
    const trace = await session.value(`host { file(path: ${literal(path)}) { id } }`);
    const asked = statementOf(`file: ${literal(trace)}, trace: ${literal(trace)}`);
    await expect(asked).rejects.toThrow(/EVIDENCE_INVALID[^]*attest record/);
  });

  it.each([
    ["nothing", "none of them"],
    ["two things", "directory and file"],
  ])("refuses %s to speak of", async (_case, got) => {
    const place = join(session.workdir, "empty");
    await mkdir(place, { recursive: true });
    await writeFile(join(place, "f"), "");
    const directory = literal(await session.value(`host { directory(path: ${literal(place)}) { id } }`));
    const file = literal(await session.value(`host { file(path: ${literal(join(place, "f"))}) { id } }`));
    const given = got === "none of them" ? "mode: MIN" : `directory: ${directory}, file: ${file}`;
    await expect(session.value(`${provenance(given)} { summary } }`)).rejects.toThrow(
      new RegExp(`ARGUMENT_INVALID[^]*exactly one[^]*${got}`),
    );
  });
});
