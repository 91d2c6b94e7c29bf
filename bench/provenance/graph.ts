/** Builds made up for measuring: a chain of commands, each with two mounted materials. */
import { create, toBinary } from "@bufbuild/protobuf";
import { CallMessageSchema } from "../../src/recipe/call_pb.js";
import { toCallMessage } from "../../src/recipe/convert.js";
import type { Argument, Call, Recipe } from "../../src/recipe/index.js";

/** In one piece, as a text is that was read: one that was joined keeps its parts until something needs the whole. */
const flat = (joined: string): string => Buffer.from(joined).toString();

const text = (name: string, value: string): Argument => ({
  name,
  value: { kind: "string", value: flat(value) },
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
    const digest = flat(`xxh3:${calls.size.toString(16).padStart(16, "0")}`);
    calls.set(digest, {
      digest,
      field,
      type: { named: type, nonNull: true },
      ...(receiver === undefined ? {} : { receiver }),
      args,
      view: "v1.0.0",
      effectIds: [],
      extraDigests: content === undefined ? [] : [{ digest: flat(content), label: "content" }],
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
      value: flat(value),
    }));
    at = add("Container", "withExec", at, [{ name: "args", value: { kind: "list", values: words } }]);
  }
  return { root: at, calls };
}

/** Spans that the engine puts into one event. */
const batch = 1_000;

/** The same build as the engine would stream it: one span per call. */
export function* streamOf(recipe: Recipe): Generator<string> {
  const calls = [...recipe.calls.values()];
  for (let at = 0; at < calls.length; at += batch) {
    const spans = calls.slice(at, at + batch).map((call, index) => spanOf(call, at + index));
    const scopeSpans = [{ scope: { name: "dagger.io/core" }, spans }];
    yield `event: spans\ndata: ${JSON.stringify({ resourceSpans: [{ scopeSpans }] })}\n\n`;
  }
}

/** The nth span: each takes a millisecond. */
function spanOf(call: Call, nth: number): unknown {
  const payload = toBinary(CallMessageSchema, create(CallMessageSchema, toCallMessage(call)));
  const start = 1_795_420_703_000_000_000n + BigInt(nth) * 1_000_000n;
  const attribute = (key: string, value: string) => ({ key, value: { stringValue: value } });
  return {
    traceId: Buffer.alloc(16, 1).toString("base64"),
    spanId: Buffer.from(call.digest.slice(-8)).toString("base64"),
    name: `Container.${call.field}`,
    startTimeUnixNano: String(start),
    endTimeUnixNano: String(start + 1_000_000n),
    attributes: [
      attribute("dagger.io/dag.digest", call.digest),
      attribute("dagger.io/dag.output", call.digest),
      attribute("dagger.io/dag.call", Buffer.from(payload).toString("base64")),
      ...(call.field === "withExec" ? [{ key: "process.exit.code", value: { intValue: "0" } }] : []),
    ],
  };
}
