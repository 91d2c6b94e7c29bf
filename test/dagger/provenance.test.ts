import { createHash } from "node:crypto";
import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";

import { afterAll, beforeAll, describe, expect, it } from "vitest";

import type { Provenance } from "../../src/provenance/slsa/types.js";
import { traceLine } from "../../src/provenance/telemetry/trace-file.js";
import { hostBodies, noRecordings } from "../provenance/recordings.js";
import { notes, serveFiles } from "../support/file-server.js";
import { literal, type ModuleSession, startModule } from "../support/module.js";
import { shellRoot } from "../support/shell.js";

type Statement = {
  readonly subject: readonly { readonly name: string; readonly digest: Record<string, string> }[];
  readonly predicateType: string;
  readonly predicate: Provenance;
};

type StepJson = {
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
  const stepsOf = ({ predicate }: Statement): readonly StepJson[] => {
    const steps = predicate.runDetails.byproducts.find(({ name }) => name === "steps");
    return (steps?.annotations?.["document"] as { steps: readonly StepJson[] }).steps;
  };

  it("of a directory: complete where ids are recipes", async () => {
    const id = await made(
      `withNewFile(path: "/in", contents: "hello")`,
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
    const { dagger_completeness: completeness } = runDetails.metadata;
    expect(completeness).toMatchObject({ materials: "complete", steps: "complete", usage: "none", gaps: [] });
    expect(completeness.sources).toEqual(["recipe", "metadata", "skeleton"]);
    expect(completeness.skeletonOps).toBe(completeness.explainedOps);
    expect(completeness.unavailable).toMatchObject({ telemetry: /HTTP 404/, history: /no image history/ });
    expect(stepsOf(statement).flatMap(({ argv }) => argv ?? [])).toEqual([
      "/bin/sh",
      "-c",
      "cat /in > /tmp/out",
    ]);
  });

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
    expect(completeness.sources).toEqual(["recipe", "metadata", "history", "skeleton"]);
    expect(JSON.stringify(stepsOf(statement))).toContain(`"version","value":"1.2"`);
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
