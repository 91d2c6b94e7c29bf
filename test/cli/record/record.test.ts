import { spawn } from "node:child_process";
import { once } from "node:events";
import { createReadStream } from "node:fs";
import { mkdtemp, readdir, rm, stat } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { text } from "node:stream/consumers";
import { gzipSync } from "node:zlib";

import { afterAll, beforeAll, describe, expect, it } from "vitest";

import { startCollector } from "../../../cli/record/collector.js";
import { parseRecord } from "../../../cli/record/command-line.js";
import type { OtlpBody } from "../../../src/provenance/telemetry/otlp.js";
import { readTraceFile } from "../../../src/provenance/telemetry/trace-file.js";
import { hostBodies, noRecordings } from "../../provenance/recordings.js";

const root = dirname(dirname(dirname(import.meta.dirname)));
let directory: string;
beforeAll(async () => void (directory = await mkdtemp(join(tmpdir(), "attest-record-"))));
afterAll(() => rm(directory, { recursive: true }));

type Run = {
  readonly code: number | null;
  readonly signal: string | null;
  readonly out: string;
  readonly err: string;
};

function start(args: readonly string[], env: Readonly<Record<string, string>> = {}) {
  const main = ["--import", join(root, "node_modules/tsx/dist/esm/index.mjs"), join(root, "cli/main.ts")];
  const child = spawn(process.execPath, [...main, "record", ...args], {
    cwd: directory,
    env: { ...process.env, ...env },
    stdio: ["pipe", "pipe", "pipe"],
  });
  const ended = async (): Promise<Run> => {
    const [out, err, [code, signal]] = await Promise.all([
      text(child.stdout),
      text(child.stderr),
      once(child, "exit") as Promise<[number | null, string | null]>,
    ]);
    return { code, signal, out, err };
  };
  return { child, ended: ended() };
}

async function run(
  args: readonly string[],
  input = "",
  env: Readonly<Record<string, string>> = {},
): Promise<Run> {
  const { child, ended } = start(args, env);
  child.stdin.end(input);
  return ended;
}

async function traceOf(name: string) {
  return readTraceFile(createReadStream(join(directory, name), "utf8"));
}

describe("./attest record", () => {
  it("records what an OpenTelemetry exporter sends", async () => {
    const exporter = join(import.meta.dirname, "exporter.mjs");
    const ran = await run(["--trace=otel.jsonl", "--", process.execPath, exporter]);
    expect(ran).toEqual({ code: 0, signal: null, out: "", err: "" });
    const { spans, points } = await traceOf("otel.jsonl");
    expect(spans).toMatchObject([{ name: "a step", scope: "dagger.io/core" }]);
    expect(points).toMatchObject([{ metric: "dagger.io/metrics.memory.peak", value: 4096 }]);
    expect((await stat(join(directory, "otel.jsonl"))).mode & 0o777).toBe(0o600);
  });

  it("reads compressed bodies too", async () => {
    const exporter = join(import.meta.dirname, "exporter.mjs");
    const env = { OTEL_EXPORTER_OTLP_COMPRESSION: "gzip" };
    const ran = await run(["--trace", "gzip.jsonl", process.execPath, exporter], "", env);
    expect(ran.code).toBe(0);
    expect((await traceOf("gzip.jsonl")).spans).toHaveLength(1);
  });

  it("passes input, output and exit code through", async () => {
    const script = "read line; printf 'out %s\\0' \"$line\"; printf 'err' >&2; exit 7";
    const ran = await run(["--trace=plain.jsonl", "--", "sh", "-c", script], "word\n");
    expect(ran).toMatchObject({ code: 7, signal: null, out: "out word\0" });
    expect(ran.err).toBe("errattest: the command sent no telemetry: plain.jsonl is empty\n");
    expect(await traceOf("plain.jsonl")).toEqual({ spans: [], points: [], resources: [] });
  });

  it.each(["SIGTERM", "SIGINT", "SIGHUP"] as const)("hands %s on and ends by it", async (signal) => {
    const name = `${signal}.jsonl`;
    // Node.js takes signals even where the tests were started with one of them ignored, as nohup does.
    const script = "console.log('ready'); setInterval(() => {}, 600_000)";
    const { child, ended } = start([`--trace=${name}`, "--", process.execPath, "-e", script]);
    await once(child.stdout, "data");
    child.kill(signal);
    expect(await ended).toMatchObject({ code: null, signal });
    expect(await readdir(directory)).toContain(name);
  });

  it("lets the command decide what a signal means", async () => {
    const script = "trap 'echo caught; exit 3' TERM; echo ready; while :; do sleep 0.1; done";
    const { child, ended } = start(["--trace=trap.jsonl", "--", "sh", "-c", script]);
    await once(child.stdout, "data");
    child.kill("SIGTERM");
    expect(await ended).toMatchObject({ code: 3, signal: null });
  });

  it.each([
    ["none", "attest-no-such-command", 127, /command not found/],
    ["one that can't be run", "/dev/null", 126, /can't be run/],
  ])("ends as a shell does for a command that is %s", async (_case, program, code, message) => {
    const ran = await run(["--trace=none.jsonl", "--", program]);
    expect(ran).toMatchObject({ code, out: "" });
    expect(ran.err).toMatch(message);
  });

  it("does not start the command when the trace can't be written", async () => {
    const ran = await run(["--trace=no/such/place.jsonl", "--", "echo", "started"]);
    expect(ran).toMatchObject({ code: 1, out: "" });
  });

  it("says that it takes telemetry that would have gone elsewhere", async () => {
    const env = { OTEL_EXPORTER_OTLP_TRACES_ENDPOINT: "http://collector.test/v1/traces" };
    expect((await run(["--trace=taken.jsonl", "--", "true"], "", env)).err).toContain(
      "OTEL_EXPORTER_OTLP_TRACES_ENDPOINT is set: what would go there goes to taken.jsonl",
    );
  });

  it("leaves nothing but traces behind", async () => {
    expect((await readdir(directory)).filter((name) => !name.endsWith(".jsonl"))).toEqual([]);
  });
});

describe("its command line", () => {
  it.each([
    [["--trace=t", "--", "a", "--b"], { trace: "t", program: "a", args: ["--b"] }],
    [["--trace", "t=1", "a", "--", "b"], { trace: "t=1", program: "a", args: ["--", "b"] }],
    [["--", "a"], { trace: "trace.jsonl", program: "a", args: [] }],
    [["--help"], undefined],
  ])("%j", (tokens, command) => {
    expect(parseRecord(tokens)).toEqual(command);
  });

  it.each([[[]], [["--trace"]], [["--trace="]], [["--tarce=x", "--", "a"]], [["--"]]])(
    "refuses %j",
    (tokens) => {
      expect(() => parseRecord(tokens)).toThrow(/expected|no flag/);
    },
  );
});

describe("the collector", () => {
  const post = (url: string, body: Uint8Array, headers: Record<string, string> = {}) =>
    fetch(url, {
      method: "POST",
      body: new Uint8Array(body),
      headers: { "content-type": "application/x-protobuf", ...headers },
    });

  it.skipIf(noRecordings)(`takes what a real CLI posted (${noRecordings ?? "present"})`, async () => {
    const taken: OtlpBody[] = [];
    const collector = await startCollector((body) => Promise.resolve(void taken.push(body)));
    for (const { signal, bytes } of hostBodies())
      expect((await post(`${collector.url}/v1/${signal}`, bytes)).status).toBe(200);
    await collector.close();
    expect(taken.map(({ signal, bytes }) => [signal, Buffer.from(bytes).toString("base64")])).toEqual(
      hostBodies().map(({ signal, bytes }) => [signal, Buffer.from(bytes).toString("base64")]),
    );
  });

  it("refuses everything else, and goes on", async () => {
    const taken: OtlpBody[] = [];
    const collector = await startCollector((body) => Promise.resolve(void taken.push(body)));
    const { url } = collector;
    const empty = new Uint8Array();
    const status = async (...given: Parameters<typeof post>) => (await post(...given)).status;
    expect(await status(`${new URL(url).origin}/v1/traces`, empty)).toBe(404);
    expect(await status(`${url}/v1/logs`, empty)).toBe(404);
    expect((await fetch(`${url}/v1/traces`)).status).toBe(405);
    expect(await status(`${url}/v1/traces`, empty, { "content-type": "application/json" })).toBe(415);
    expect(await status(`${url}/v1/traces`, Buffer.from("no protobuf"))).toBe(400);
    expect(await status(`${url}/v1/traces`, Buffer.from("no gzip"), { "content-encoding": "gzip" })).toBe(
      400,
    );
    expect(await status(`${url}/v1/traces`, empty, { "content-encoding": "br" })).toBe(400);
    const bomb = gzipSync(Buffer.alloc(80 * 1024 * 1024));
    expect(await status(`${url}/v1/traces`, bomb, { "content-encoding": "gzip" })).toBe(400);
    expect(taken).toEqual([]);
    expect(await status(`${url}/v1/metrics`, gzipSync(empty), { "content-encoding": "gzip" })).toBe(200);
    await collector.close();
    expect(taken).toHaveLength(1);
  });
});
