import fc from "../../support/property.js";
import { describe, expect, it } from "vitest";
import type { Step } from "../../../src/provenance/evidence/step.js";
import { layerList } from "../../../src/provenance/slsa/layers.js";
import { noRecordings, recording } from "../recordings.js";

type Call = { readonly field: string; readonly args?: Step["arguments"]; readonly argv?: readonly string[] };

const kinds: Readonly<Record<string, Step["kind"]>> = {
  from: "base",
  withExec: "exec",
  withEnvVariable: "config",
  withMountedCache: "mount",
  withRootfs: "file",
};

/** A chain of calls on a container; the digest of each is its place in it. */
function chain(...calls: readonly Call[]): { steps: Step[]; root: string } {
  const steps = calls.map(({ field, args, argv }, index): Step => ({
    source: "recipe",
    exactness: "exact",
    digest: String(index),
    operation: `Container.${field}`,
    kind: kinds[field] ?? "file",
    inputs: index === 0 ? [] : [String(index - 1), "elsewhere"],
    ...(args === undefined ? {} : { arguments: args }),
    ...(argv === undefined ? {} : { argv }),
  }));
  return { steps, root: String(calls.length - 1) };
}

function makers(evidence: { steps: Step[]; root: string }, texts: readonly unknown[], count = texts.length) {
  const layers = Array.from({ length: count }, (_, index) => ({
    mediaType: "m",
    digest: `d${index}`,
    size: index,
  }));
  const history = texts.map((text) => (typeof text === "string" ? { created_by: text } : text));
  return layerList({ layers, configuration: { history } }, evidence).map(({ step }) => step);
}

const from: Call = { field: "from", args: { address: "a" } };
const exec = (...argv: string[]): Call => ({ field: "withExec", argv });
const base = `import image layer sha256:${"a".repeat(64)}`;
const ran = (command: string) => `mount / from exec ${command}`;

describe("layerList", () => {
  it("names the step of each layer, and who says so", () => {
    const evidence = chain(
      from,
      { field: "withEnvVariable" },
      { field: "withNewFile", args: { path: "app.json" } },
      { field: "withFile", args: { path: "/bin/app" } },
      { field: "withMountedCache" },
      exec("sh", "-c", "make"),
      { field: "withDirectory", args: { path: "/src" } },
      { field: "withFiles", args: { path: "/d", sources: [{ step: "x" }, { step: "y" }] } },
      { field: "withSymlink" },
      { field: "withoutFile" },
    );
    const texts = [
      base,
      "rehydrated persisted snapshot",
      "withNewFile /work/app.json (12 B)",
      "withfile /bin/app app",
      ran("sh -c make"),
      "Directory.withDirectory",
      "withfile /d/x x",
      "withfile /d/y y",
      "symlink a -> b",
      "without /tmp/x",
    ];
    expect(makers(evidence, texts)).toEqual(["0", "0", "2", "3", "5", "6", "7", "7", "8", "9"]);
    const layers = [{ mediaType: "m", digest: "d", size: 1 }];
    expect(layerList({ layers, configuration: { history: [{ created_by: "x" }] } }, chain(from))).toEqual([
      { mediaType: "m", digest: "d", size: 1, step: "0", source: "history", exactness: "inferred" },
    ]);
  });

  it("tells two equal commands apart by their order", () => {
    expect(makers(chain(from, exec("make"), exec("make")), [base, ran("make"), ran("make")])).toEqual([
      "0",
      "1",
      "2",
    ]);
  });

  it("knows a command that has a secret in it, or an entrypoint before it", () => {
    const hiding = chain(from, exec("curl", "-H", "***", "https://x.test/***/y"));
    expect(makers(hiding, [base, ran("curl -H token=abc https://x.test/abc/y")])).toEqual(["0", "1"]);
    expect(makers(hiding, [base, ran("curl -H https://x.test/y")])).toEqual([undefined, undefined]);
    expect(makers(chain(from, exec("serve")), [base, ran("/entry.sh serve")])).toEqual(["0", "1"]);
  });

  it.each<[string, ReturnType<typeof chain>, readonly unknown[], number?]>([
    ["another command", chain(from, exec("a"), exec("b")), [base, ran("x"), ran("b")]],
    ["a call without a layer", chain(from, exec("a"), { field: "withSymlink" }), [base, ran("a")]],
    ["a layer too many", chain(from, exec("a")), [base, ran("a"), ran("a")]],
    ["another path", chain(from, { field: "withFile", args: { path: "/a" } }), [base, "withfile /b a"]],
    ["a history of another length", chain(from, exec("a")), [base, ran("a")], 3],
    ["no history", chain(from, exec("a")), [], 2],
    ["entries that are none", chain(from, exec("a")), [null, 3, {}]],
  ])("tells nothing of %s", (_what, evidence, texts, count) => {
    expect(makers(evidence, texts, count)).toEqual(Array(count ?? texts.length).fill(undefined));
  });

  it("leaves out entries without a layer", () => {
    const texts = [base, { created_by: "ENV A=1", empty_layer: true }, ran("a")];
    expect(makers(chain(from, exec("a")), texts, 2)).toEqual(["0", "1"]);
  });

  it.each([
    [
      "layers that the engine has from its disk",
      chain(from, exec("a"), exec("b")),
      "rehydrated persisted snapshot",
    ],
    ["text that is not the engine's", chain(from, exec("a"), exec("b")), "RUN a # buildkit"],
    [
      "a root file system of another value",
      chain(from, exec("a"), { field: "withRootfs" }, exec("b")),
      ran("a"),
    ],
    ["a build that nobody can look into", chain(from, { field: "build" }, exec("b")), ran("a")],
  ])("stops at %s", (_what, evidence, text) => {
    expect(makers(evidence, [base, text, ran("b")])).toEqual([undefined, undefined, evidence.root]);
  });

  it("ends on a value that nobody knows the calls of, and on calls that go round", () => {
    expect(makers({ steps: [], root: "0" }, [ran("a")])).toEqual([undefined]);
    const round = chain(exec("a"), exec("b"));
    round.steps[0] = { ...(round.steps[0] as Step), inputs: ["1"] };
    expect(makers(round, [ran("b"), ran("a"), ran("b")])).toEqual([undefined, "0", "1"]);
  });

  it("never names a step for a text of another call", () => {
    const command = fc.constantFrom("a", "b", "c");
    fc.assert(
      fc.property(fc.array(command), fc.array(command), (asked, told) => {
        const evidence = chain(from, ...asked.map((one) => exec(one)));
        const found = makers(evidence, [base, ...told.map(ran)]);
        for (const [index, step] of found.slice(1).entries())
          if (step !== undefined) expect(evidence.steps[Number(step)]?.argv).toEqual([told[index]]);
        const isSame = JSON.stringify(asked) === JSON.stringify(told);
        expect(found.every((step) => step !== undefined)).toBe(isSame);
      }),
    );
  });

  it.skipIf(noRecordings)(`reads what v0.21.8 wrote (${noRecordings ?? "present"})`, () => {
    const config: unknown = JSON.parse(recording("dagger-v0.21.8/received/oci-config.json"));
    const evidence = chain(
      from,
      { field: "withFile", args: { path: "out.txt" } },
      { field: "withNewFile", args: { path: "/app/app.json" } },
      exec("sh", "-c", "sha256sum out.txt > out.sum"),
    );
    const layers = Array.from({ length: 4 }, () => ({ mediaType: "m", digest: "d", size: 1 }));
    expect(layerList({ layers, configuration: config }, evidence).map(({ step }) => step)).toEqual([
      "0",
      "1",
      "2",
      "3",
    ]);
  });
});
