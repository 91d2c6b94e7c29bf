/** Builds made up for measuring: a chain of commands, each with two mounted materials. */
import { create, toBinary } from "@bufbuild/protobuf";
import { CallMessageSchema } from "../../src/recipe/call_pb.js";
import { toCallMessage } from "../../src/recipe/convert.js";
import type { Argument, Call, Recipe } from "../../src/recipe/index.js";

const text = (name: string, value: string): Argument => ({
  name,
  value: { kind: "string", value },
});
const reference = (name: string, digest: string): Argument => ({ name, value: { kind: "call", digest } });

/** A recipe of `commands` commands and twice as many materials: downloads with a checksum, and host directories. */
export function chainOf(commands: number): Recipe {
  const calls = new Map<string, Call>();
  const add = (
    type: string,
    field: string,
    receiver: string | undefined,
    args: Argument[],
    content?: string,
  ): string => {
    const digest = `xxh3:${calls.size.toString(16).padStart(16, "0")}`;
    calls.set(digest, {
      digest,
      field,
      type: { named: type, nonNull: true },
      ...(receiver === undefined ? {} : { receiver }),
      args,
      view: "v1.0.0",
      effectIds: [],
      extraDigests: content === undefined ? [] : [{ digest: content, label: "content" }],
      implicitInputs: [],
    });
    return digest;
  };
  const sha256 = (n: number) => n.toString(16).padStart(64, "0");
  const host = add("Host", "host", undefined, []);
  let at = add("Container", "container", undefined, [text("platform", "linux/amd64")]);
  at = add("Container", "from", at, [
    text("address", `docker.io/library/debian:bookworm-slim@sha256:${sha256(1)}`),
  ]);
  for (let n = 0; n < commands; n++) {
    const source = add("Directory", "directory", host, [text("path", `src/${n}`)], `sha256:${sha256(n)}`);
    at = add("Container", "withMountedDirectory", at, [
      text("path", `/src/${n}`),
      reference("source", source),
    ]);
    const state = add("HTTPState", "_httpState", undefined, [
      text("url", `https://files.example/${n}.tgz?token=abcdef${n}`),
    ]);
    const file = add("File", "_resolve", state, [
      text("checksum", `sha256:${sha256(n + 7)}`),
      text("name", `${n}.tgz`),
    ]);
    at = add("Container", "withMountedFile", at, [text("path", `/in/${n}.tgz`), reference("source", file)]);
    if (n % 10 === 0)
      at = add("Container", "withEnvVariable", at, [text("name", `STEP_${n}`), text("value", `value ${n}`)]);
    const words = ["sh", "-c", `tar xzf /in/${n}.tgz -C /out && make -C /src/${n} all`].map((value) => ({
      kind: "string" as const,
      value,
    }));
    at = add("Container", "withExec", at, [{ name: "args", value: { kind: "list", values: words } }]);
  }
  return { root: at, calls };
}

/** Spans that the engine puts into one event. */
const batch = 1_000;

/** The same build as the engine would stream it: one span per call. */
export function streamOf(recipe: Recipe): Generator<string> {
  return eventsOf([...recipe.calls.values()].map((call, nth) => spanOf(call, nth)));
}

/** The same where a function made all of it: its own span around the others, which tells what it returned. */
export function observedStreamOf(recipe: Recipe): Generator<string> {
  const entry: Call = {
    digest: "xxh3:function",
    receiver: "xxh3:pipeline",
    field: "build",
    type: { named: "Container", nonNull: true },
    args: [],
    module: { callDigest: "xxh3:module", name: "pipeline", ref: "", pin: "" },
    view: "v1.0.0",
    effectIds: [],
    extraDigests: [],
    implicitInputs: [],
  };
  const made = [...recipe.calls.values()];
  const around = { ...spanOf(entry, 0, recipe.root), endTimeUnixNano: String(startOf(made.length)) };
  return eventsOf([
    around,
    ...made.map((call, nth) => ({ ...spanOf(call, nth), parentSpanId: around.spanId })),
  ]);
}

function* eventsOf(all: readonly object[]): Generator<string> {
  for (let at = 0; at < all.length; at += batch) {
    const scopeSpans = [{ scope: { name: "dagger.io/core" }, spans: all.slice(at, at + batch) }];
    yield `event: spans\ndata: ${JSON.stringify({ resourceSpans: [{ scopeSpans }] })}\n\n`;
  }
}

/** Of the nth span: each takes a millisecond. */
function startOf(nth: number): bigint {
  return 1_795_420_703_000_000_000n + BigInt(nth) * 1_000_000n;
}

/** @param output digest of what the call returned */
function spanOf(call: Call, nth: number, output = call.digest) {
  const payload = toBinary(CallMessageSchema, create(CallMessageSchema, toCallMessage(call)));
  const attribute = (key: string, value: string) => ({ key, value: { stringValue: value } });
  return {
    traceId: Buffer.alloc(16, 1).toString("base64"),
    spanId: Buffer.from(call.digest.slice(-8)).toString("base64"),
    name: `Container.${call.field}`,
    startTimeUnixNano: String(startOf(nth)),
    endTimeUnixNano: String(startOf(nth + 1)),
    attributes: [
      attribute("dagger.io/dag.digest", call.digest),
      attribute("dagger.io/dag.output", output),
      attribute("dagger.io/dag.call", Buffer.from(payload).toString("base64")),
      ...(call.field === "withExec" ? [{ key: "process.exit.code", value: { intValue: "0" } }] : []),
    ],
  };
}
