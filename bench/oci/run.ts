/**
 * Images and what is attached to them, beside cosign, oras and crane, on the same registries in one run: seconds and
 * memory of whole processes, and the requests that the registry answered.
 */
import { generateKeyPairSync } from "node:crypto";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { openRegistry } from "../../src/oci/registry/open.js";
import { systemTiming } from "../../src/oci/timing.js";
import { findCosign, runCosign } from "../../test/interop/cosign.js";
import {
  installedTools,
  startDistribution,
  startReferrersRegistry,
  type RunningRegistry,
} from "../../test/support/registry.js";
import { pushRealImage } from "../../test/support/registry-images.js";
import { buildInto } from "../built.js";
import { timed } from "../timed.js";
import { startDistance } from "./distant.js";
import { predicateOf, predicateType } from "./subject.js";

const repeats = 3;
/** Of listing and verifying, where it takes so little time that other work on the machine shows. */
const rounds = 5;
const attached = 100;
const sizes = [1, 10, 100, 1000];
/** Milliseconds of a question and its answer to a registry that is not on this machine. */
const distance = 20;

type Cost = { readonly seconds: number; readonly mebibytes: number; readonly requests: number };
type Bench = {
  readonly directory: string;
  readonly cosign: string | undefined;
  readonly tools: ReadonlyMap<string, string>;
  readonly registry: RunningRegistry;
};

export async function run(): Promise<void> {
  const directory = await mkdtemp(join(tmpdir(), "attest-bench-"));
  const tools = installedTools(true);
  const found = findCosign();
  const cosign = "path" in found ? found.path : undefined;
  if ("missing" in found) console.log(`cosign is left out: ${found.missing}`);
  await prepare(directory, cosign);
  console.log(
    `Node ${process.version}; best of ${repeats} runs (${rounds} of verifying up to 100), 100 times cosign attest once`,
  );
  try {
    for (const [name, start] of registries(tools)) {
      const registry = await start();
      try {
        await measure(name, { directory, cosign, tools, registry });
      } finally {
        await registry.stop();
      }
    }
  } finally {
    await rm(directory, { recursive: true });
  }
}

function registries(tools: ReadonlyMap<string, string>) {
  const [old = "", current = ""] = ["docker-registry", "referrers-registry"].map((name) => tools.get(name));
  const all: [string, string, () => Promise<RunningRegistry>][] = [
    ["distribution 2.8 (fallback tag)", old, () => startDistribution(old)],
    ["go-containerregistry (referrers API)", current, () => startReferrersRegistry(current)],
  ];
  return all.flatMap(([name, path, start]) => (path === "" ? [] : [[name, start] as const]));
}

async function prepare(directory: string, cosign: string | undefined): Promise<void> {
  const { privateKey, publicKey } = generateKeyPairSync("ec", { namedCurve: "P-256" });
  const offline = { mediaType: "application/vnd.dev.sigstore.signingconfig.v0.2+json" };
  await buildInto(
    directory,
    contenders.map((name) => new URL(`${name}.ts`, import.meta.url)),
  );
  await writeFile(join(directory, "offline.json"), JSON.stringify(offline));
  await writeFile(join(directory, "key.pem"), privateKey.export({ format: "pem", type: "pkcs8" }));
  await writeFile(join(directory, "key.pub"), publicKey.export({ format: "pem", type: "spki" }));
  for (let index = 0; index < attached; index += 1)
    await writeFile(join(directory, `predicate-${index}.json`), predicateOf(index));
  if (cosign === undefined) return;
  const imported = ["import-key-pair", "--key", "key.pem", "--output-key-prefix", "cosign"];
  const { status, output } = await runCosign(cosign, imported, directory);
  if (status !== 0) throw new Error(output);
}

async function measure(name: string, bench: Bench): Promise<void> {
  console.log(`\n${name}\n`);
  console.log("| | attest | peak | requests | | other | peak | requests | seconds | requests |");
  console.log("|---|--:|--:|--:|---|--:|--:|--:|--:|--:|");
  line(
    `sign and attach ${attached}`,
    await oursAttach(bench),
    "100 × cosign attest",
    await theirsAttach(bench),
  );
  for (const size of sizes) {
    const reference = await attestedImage(bench, `verify-${size}`, size);
    line(`list and verify ${size}`, ...(await bothVerify(bench, reference, size)));
  }
  await measureAtDistance(bench);
  const reference = await attestedImage(bench, "copy", attached);
  let copies = 0;
  const target = (tool: string) => `${bench.registry.address}/copied-${tool}-${copies++}:v1`;
  const ours = await best(bench, (scratch) => [...node(bench, "copy"), reference, target("attest"), scratch]);
  const others = [
    [
      "oras copy -r",
      "oras",
      (to: string) => ["cp", "-r", "--from-plain-http", "--to-plain-http", reference, to],
    ],
    ["crane copy (image alone)", "crane", (to: string) => ["copy", "--insecure", reference, to]],
  ] as const;
  for (const [shown, tool, args] of others) {
    const path = bench.tools.get(tool);
    const theirs = path === undefined ? undefined : await best(bench, () => [path, ...args(target(tool))]);
    line(`copy an image with ${attached}`, ours, shown, theirs);
  }
}

/** The same over a wire on which an answer takes its time. */
async function measureAtDistance(bench: Bench): Promise<void> {
  const reference = await attestedImage(bench, "distant", attached);
  const distant = await startDistance(bench.registry.address, distance / 2);
  const afar = (there: string) => there.replace(bench.registry.address, distant.address);
  try {
    const target = await newImage(bench, "distant-ours");
    const oursOnce = await cost(bench, attachCommand(bench, afar(target), await scratchIn(bench)));
    const theirsOnce = await theirsAttach(bench, afar);
    line(`sign and attach ${attached}, ${distance} ms away`, oursOnce, "100 × cosign attest", theirsOnce);
    const both = await bothVerify(bench, afar(reference), attached);
    line(`list and verify ${attached}, ${distance} ms away`, ...both);
  } finally {
    await distant.stop();
  }
}

function attachCommand(bench: Bench, reference: string, scratch: string): string[] {
  return [...node(bench, "attach"), reference, `${attached}`, "key.pem", bench.directory, scratch];
}

function verifyCommand(bench: Bench, reference: string, count: number, scratch: string): string[] {
  return [...node(bench, "verify"), reference, `${count}`, "key.pub", scratch];
}

let images = 0;

async function newImage({ registry }: Bench, name: string): Promise<string> {
  const repository = `${name}-${images++}`;
  const store = await openRegistry({ registry: registry.address, repository }, { timing: systemTiming() });
  const { digest } = await pushRealImage(store, "v1");
  return `${registry.address}/${repository}@${digest}`;
}

async function attestedImage(bench: Bench, name: string, count: number): Promise<string> {
  const reference = await newImage(bench, name);
  await cost(bench, [
    ...node(bench, "attach"),
    reference,
    `${count}`,
    "key.pem",
    bench.directory,
    await scratchIn(bench),
  ]);
  return reference;
}

async function oursAttach(bench: Bench): Promise<Cost> {
  const references: string[] = [];
  for (let index = 0; index < repeats; index += 1) references.push(await newImage(bench, "ours"));
  return best(bench, (scratch) => {
    return attachCommand(bench, references.pop() ?? "", scratch);
  });
}

async function theirsAttach(
  bench: Bench,
  at: (reference: string) => string = (reference) => reference,
): Promise<Cost | undefined> {
  if (bench.cosign === undefined) return undefined;
  const reference = at(await newImage(bench, "theirs"));
  const costs: Cost[] = [];
  for (let index = 0; index < attached; index += 1) {
    const args = ["attest", "-y", "--key", "cosign.key", "--signing-config", "offline.json", "--allow-http-registry",
      "--type", predicateType, "--predicate", `predicate-${index}.json`, reference]; // prettier-ignore
    costs.push(await cost(bench, [bench.cosign, ...args]));
  }
  const sum = (pick: (one: Cost) => number) => costs.reduce((total, one) => total + pick(one), 0);
  return {
    seconds: sum(({ seconds }) => seconds),
    mebibytes: Math.max(...costs.map(({ mebibytes }) => mebibytes)),
    requests: sum(({ requests }) => requests),
  };
}

/** One after the other and again, so that what else the machine does disturbs both. */
async function bothVerify(
  bench: Bench,
  reference: string,
  count: number,
): Promise<[Cost, string, Cost | undefined]> {
  const { cosign = "" } = bench;
  const args = [
    "--key",
    "key.pub",
    "--insecure-ignore-tlog",
    "--allow-http-registry",
    "--type",
    predicateType,
  ];
  const ours: Cost[] = [];
  const theirs: Cost[] = [];
  for (let index = 0; index < (count > attached ? 2 : rounds); index += 1) {
    ours.push(await cost(bench, verifyCommand(bench, reference, count, await scratchIn(bench))));
    if (cosign !== "") theirs.push(await cost(bench, [cosign, "verify-attestation", ...args, reference]));
  }
  return [least(ours), "cosign verify-attestation", cosign === "" ? undefined : least(theirs)];
}

async function scratchIn({ directory }: Bench): Promise<string> {
  const scratch = await mkdtemp(join(directory, "scratch-"));
  return scratch;
}

/** One whole process from start to end. */
async function cost(
  { directory, registry }: Bench,
  [command = "", ...args]: readonly string[],
): Promise<Cost> {
  const before = registry.requests();
  const env = {
    ...process.env,
    COSIGN_PASSWORD: "interop-passphrase",
    HOME: directory,
    NODE_COMPILE_CACHE: join(directory, "compiled"),
  };
  const { seconds, mebibytes } = await timed(command, args, { cwd: directory, env });
  return { seconds, mebibytes, requests: registry.requests() - before };
}

async function best(bench: Bench, command: (scratch: string) => readonly string[]): Promise<Cost> {
  const costs: Cost[] = [];
  for (let index = 0; index < repeats; index += 1)
    costs.push(await cost(bench, command(await scratchIn(bench))));
  return least(costs);
}

function least(costs: readonly Cost[]): Cost {
  const of = (pick: (one: Cost) => number) => Math.min(...costs.map(pick));
  return {
    seconds: of(({ seconds }) => seconds),
    mebibytes: of(({ mebibytes }) => mebibytes),
    requests: of(({ requests }) => requests),
  };
}

const contenders = ["attach", "copy", "verify"];

function node({ directory }: Bench, contender: string): string[] {
  return [process.execPath, join(directory, `${contender}.mjs`)];
}

function line(what: string, ours: Cost, other: string, theirs: Cost | undefined): void {
  const shown = ({ seconds, mebibytes, requests }: Cost) =>
    `${seconds.toFixed(2)} s | ${(mebibytes * 1.048576).toFixed(0)} MB | ${requests}`;
  if (theirs === undefined) return console.log(`| ${what} | ${shown(ours)} | | | | | | |`);
  const ratio = (pick: (one: Cost) => number) => (pick(theirs) / pick(ours)).toFixed(1);
  const ratios = `${ratio(({ seconds }) => seconds)} | ${ratio(({ requests }) => requests)}`;
  console.log(`| ${what} | ${shown(ours)} | ${other} | ${shown(theirs)} | ${ratios} |`);
}
