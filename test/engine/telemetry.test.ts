import { createHash } from "node:crypto";
import { writeFile } from "node:fs/promises";
import { join } from "node:path";

import { afterAll, beforeAll, describe, expect, it } from "vitest";

import { callSpans, isCached, isPending, outputOf } from "../../src/provenance/telemetry/calls.js";
import { readEventStream } from "../../src/provenance/telemetry/event-stream.js";
import { isFromEngine, type Telemetry } from "../../src/provenance/telemetry/span.js";
import { usageOf } from "../../src/provenance/telemetry/usage.js";
import { decodeRecipe } from "../../src/recipe/index.js";
import { shellRoot } from "../support/shell.js";
import { literal, startTestEngine, type TestEngine } from "./engine.js";

describe("what a session tells of itself", () => {
  let engine: TestEngine;
  let base: string;

  beforeAll(async () => {
    engine = await startTestEngine();
    const programs = ["/bin/cat", "/usr/bin/head", "/usr/bin/tail"];
    const root = await shellRoot(join(engine.workdir, "root"), programs);
    const directory = String(await engine.value(`host { directory(path: ${literal(root)}) { id } }`));
    base = `container { withRootfs(directory: ${literal(directory)})`;
  });
  afterAll(() => engine.close());

  const stream = async (signal: string): Promise<string> => {
    const authorization = `Basic ${Buffer.from(`${engine.token}:`).toString("base64")}`;
    const response = await fetch(`http://127.0.0.1:${engine.port}/v1/${signal}`, {
      headers: { authorization },
    });
    expect([response.status, response.headers.get("content-type")]).toEqual([200, "text/event-stream"]);
    return response.text();
  };
  const read = async (signal: string): Promise<Telemetry> => readEventStream([await stream(signal)]);
  const spansOf = async (digest: string) => {
    const { calls } = callSpans((await read("traces")).spans);
    return calls.filter(({ call }) => call.digest === digest);
  };
  const run = async (command: string, more = ""): Promise<string> => {
    const args = literal(["/bin/sh", "-c", command]);
    const id = String(await engine.value(`${base} { withExec(args: ${args}${more}) { sync`));
    const recipe = await decodeRecipe(id);
    return recipe.kind === "recipe" ? recipe.root : "";
  };

  it("measures a command that runs: memory, processor time, exit code", async () => {
    const bytes = 48_000_000;
    const digest = await run(
      `head -c ${bytes} /dev/zero | tail -c ${bytes} | cat >/dev/null; exit 3`,
      ", expect: ANY",
    );
    const [span, ...others] = await spansOf(digest);
    expect(others).toEqual([]);
    if (span === undefined) throw new Error("no span of the command");
    expect([isCached(span), isPending(span), outputOf(span)]).toEqual([false, false, digest]);
    expect(span).toMatchObject({
      name: "Container.withExec",
      attributes: { "process.exit.code": 3 },
      failed: false,
    });
    const { points } = await read("metrics");
    expect(points.every(isFromEngine)).toBe(true);
    const usage = usageOf(points, "telemetry").find(({ step }) => step === digest);
    expect(usage).toMatchObject({
      measured: expect.stringMatching(/^(cgroup-v[12]|rusage) of the runner$/) as string,
    });
    expect(usage?.cpuTotalMicros).toBeGreaterThan(0);
    if (usage?.memoryPeakBytes !== undefined) expect(usage.memoryPeakBytes).toBeGreaterThan(bytes);
  });

  it("calls cached what did not run again, and gives it no usage", async () => {
    const digest = await run("echo once");
    await engine.query(`{ ${base} { withExec(args: ["/bin/sh", "-c", "echo once"]) { sync } } } }`);
    expect(await spansOf(digest)).toHaveLength(1);
    // The same command on the same files, by another recipe.
    const args = literal(["/bin/sh", "-c", "echo once"]);
    const again = await decodeRecipe(
      String(
        await engine.value(`${base} { withLabel(name: "a", value: "b") { withExec(args: ${args}) { sync`),
      ),
    );
    const other = again.kind === "recipe" ? again.root : "";
    expect(other).not.toBe(digest);
    expect((await spansOf(other)).map(isCached)).toEqual([true]);
    const measured = usageOf((await read("metrics")).points, "telemetry").map(({ step }) => step);
    expect(measured).toContain(digest);
    expect(measured).not.toContain(other);
  });

  it("tells of a command that failed, and of one that ran on what another gave only its own time", async () => {
    await expect(run("exit 7")).rejects.toThrow(/exit code: 7/);
    const { spans } = await read("traces");
    expect(spans.filter(({ failed }) => failed)).toMatchObject([{ name: "Container.withExec" }]);
    const chain = ["echo a > /tmp/a", "echo b > /tmp/b"].map(
      (command) => `withExec(args: ${literal(["/bin/sh", "-c", command])})`,
    );
    await engine.value(`${base} { ${chain.join(" { ")} { sync`);
    const [first, second] = (await read("traces")).spans.slice(-2);
    expect(BigInt(second?.start ?? 0)).toBeGreaterThanOrEqual(BigInt(first?.end ?? 0));
    // What reads a result waits for the command first, and has only its own time, too.
    await engine.value(
      `${base} { withExec(args: ["/bin/sh", "-c", "echo c > /tmp/c"]) { file(path: "/tmp/c") { sync`,
    );
    const [command, file] = (await read("traces")).spans.slice(-2);
    expect([command?.name, file?.name]).toEqual(["Container.withExec", "Container.file"]);
    expect(BigInt(file?.start ?? 0)).toBeGreaterThanOrEqual(BigInt(command?.end ?? 0));
  });

  it("names what was read from outside, and holds no plaintext of a secret", async () => {
    await writeFile(join(engine.workdir, "in.txt"), "content");
    await engine.value(`host { file(path: "in.txt") { id } }`);
    await engine.value(`setSecret(name: "token", plaintext: "plainwordcanary") { id }`);
    const [text, { spans }] = [await stream("traces"), await read("traces")];
    expect(spans.map(({ name }) => name)).toEqual(expect.arrayContaining(["Host.file", "Query.setSecret"]));
    const { calls } = callSpans(spans);
    const file = calls.find(({ name }) => name === "Host.file")?.call;
    const sha256 = createHash("sha256").update("content").digest("hex");
    expect(file?.extraDigests).toEqual([{ label: "content", digest: `sha256:${sha256}` }]);
    expect(text + JSON.stringify(calls.map(({ call }) => call))).not.toContain("canary");
  });

  it("is for the session's clients alone", async () => {
    expect((await fetch(`http://127.0.0.1:${engine.port}/v1/traces`)).status).toBe(401);
  });
});
