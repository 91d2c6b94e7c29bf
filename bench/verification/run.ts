/**
 * Signing and verifying beside cosign, on the same files in one run: small bundles by the second, large ones by
 * seconds and memory of whole processes.
 */
import { generateKeyPairSync } from "node:crypto";
import { mkdir, mkdtemp, readdir, rm, stat, writeFile } from "node:fs/promises";
import { availableParallelism, loadavg, tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

import { keySigner } from "../../src/signing/key-signer.js";
import { keylessSigning } from "../../src/signing/services.js";
import { signStatement, type SigningOptions } from "../../src/signing/sign.js";
import { findCosign, runCosign } from "../../test/interop/cosign.js";
import { identityToken, servicesClock, startSigstore } from "../../test/signing/sigstore-double.js";
import { writePredicate } from "../statement/input.js";
import { timed, type Measured } from "../timed.js";
import { artifactBytes, predicateType, subjects } from "./subject.js";

const repeats = 3;
const smallBundles = 50;
const seconds = 5;
const largeSizes = [40_000_000, 130_000_000];
const identity = "somebody@acme.example";
const issuer = "https://issuer.example";

export async function run(): Promise<void> {
  const directory = await mkdtemp(join(tmpdir(), "attest-bench-"));
  const sigstore = await startSigstore(servicesClock());
  const cosign = findCosign();
  if ("missing" in cosign) console.log(`cosign is left out: ${cosign.missing}`);
  const bench: Bench = { directory, cosign: "path" in cosign ? cosign.path : undefined };
  try {
    await prepare(directory, bench.cosign);
    const machine = `${availableParallelism()} cores, load average ${loadavg()[0]?.toFixed(1)}`;
    console.log(`${machine}; Node ${process.version}; cosign v3.1.2; best of ${repeats} runs`);
    console.log(
      "\n| small bundles | attest, one process | of processor time | peak | cosign, a process each | peak | ratio |",
    );
    console.log("|---|--:|--:|--:|--:|--:|--:|");
    const keyless = keylessSigning(sigstore.services, identityToken({ iss: issuer, sub: identity }));
    await writeFile(join(directory, "root.json"), sigstore.trustedRoot);
    await small(bench, "key", { signer: keySigner(privateKey) }, ["key.pub"]);
    await small(bench, "certificate", keyless, ["root.json", identity, issuer]);
    console.log("\n| predicate | | attest | peak | cosign | peak | seconds | memory |");
    console.log("|---|---|--:|--:|--:|--:|--:|--:|");
    for (const size of largeSizes) await large(bench, size);
  } finally {
    await sigstore.stop();
    await rm(directory, { recursive: true });
  }
}

type Bench = { readonly directory: string; readonly cosign: string | undefined };

const { privateKey, publicKey } = generateKeyPairSync("ec", { namedCurve: "P-256" });

async function prepare(directory: string, cosign: string | undefined): Promise<void> {
  const offline = { mediaType: "application/vnd.dev.sigstore.signingconfig.v0.2+json" };
  await writeFile(join(directory, "offline.json"), JSON.stringify(offline));
  await writeFile(join(directory, "hello.txt"), artifactBytes);
  await writeFile(join(directory, "key.pem"), privateKey.export({ format: "pem", type: "pkcs8" }));
  await writeFile(join(directory, "key.pub"), publicKey.export({ format: "pem", type: "spki" }));
  if (cosign === undefined) return;
  const imported = ["import-key-pair", "--key", "key.pem", "--output-key-prefix", "cosign"];
  const { status, output } = await runCosign(cosign, imported, directory);
  if (status !== 0) throw new Error(output);
}

/** Statements of about 1 KB. */
async function small(
  { directory, cosign }: Bench,
  name: string,
  signing: SigningOptions,
  trust: readonly string[],
): Promise<void> {
  const bundles = join(directory, name);
  await mkdir(bundles);
  for (let index = 0; index < smallBundles; index += 1) {
    const document = { spdxVersion: "SPDX-2.3", SPDXID: "SPDXRef-DOCUMENT", name: `small ${index}` };
    const predicate = { ...document, creationInfo: {}, filler: "x".repeat(700) };
    const statement = {
      _type: "https://in-toto.io/Statement/v1",
      subject: subjects,
      predicateType,
      predicate,
    };
    const bundle = await signStatement(Buffer.from(JSON.stringify(statement)), signing);
    await writeFile(join(bundles, `${index}.json`), bundle);
  }
  const [root = "", ...identities] = trust;
  const args = [bundles, `${seconds}`, join(directory, root), ...identities];
  const { stdout } = await timed(process.execPath, ["--import", "tsx", script("many.ts"), ...args]);
  const [rate = 0, processorRate = 0, kibibytes = 0] = stdout.trim().split(" ").map(Number);
  const own = `| ${name} | ${rate.toFixed(0)}/s | ${processorRate.toFixed(0)}/s`;
  const ours = `${own} | ${megabytes(kibibytes / 1024)} |`;
  if (cosign === undefined) return console.log(`${ours} | | |`);
  const names = (await readdir(bundles)).slice(0, 20);
  const runs: Measured[] = [];
  for (const each of names)
    runs.push(
      await timed(cosign, cosignVerify(join(name, each), trust), { cwd: directory, env: env(directory) }),
    );
  const theirs = runs.length / runs.reduce((sum, each) => sum + each.seconds, 0);
  const peak = Math.max(...runs.map(({ mebibytes }) => mebibytes));
  console.log(`${ours} ${theirs.toFixed(0)}/s | ${megabytes(peak)} | ${(rate / theirs).toFixed(0)} |`);
}

async function large({ directory, cosign }: Bench, size: number): Promise<void> {
  const at = (name: string): string => join(directory, name);
  await writePredicate(at("predicate.json"), size);
  const predicate = `${((await stat(at("predicate.json"))).size / 1e6).toFixed(0)} MB`;
  const options = { cwd: directory, env: env(directory) };
  const sign = [at("predicate.json"), at("statement.json"), at("bundle.json"), at("key.pem")];
  const oursSign = await best(() => timed(process.execPath, ["--import", "tsx", script("sign.ts"), ...sign]));
  const verifying = [at("bundle.json"), at("key.pub")];
  const oursVerify = await best(() =>
    timed(process.execPath, ["--import", "tsx", script("verify.ts"), ...verifying]),
  );
  const theirsSign = cosign && (await best(() => timed(cosign, cosignSign, options)));
  const theirsVerify =
    cosign && (await best(() => timed(cosign, cosignVerify("bundle.json", ["key.pub"]), options)));
  line(predicate, "sign", oursSign, theirsSign || undefined);
  line("", "verify", oursVerify, theirsVerify || undefined);
}

const cosignSign = [
  ...[
    "attest-blob",
    "--key",
    "cosign.key",
    "--signing-config",
    "offline.json",
    "--predicate",
    "predicate.json",
  ],
  ...["--type", predicateType, "--bundle", "theirs.json", "--yes", "hello.txt"],
];

function cosignVerify(bundle: string, [root = "", email, vouched = ""]: readonly string[]): string[] {
  const trust =
    email === undefined
      ? ["--key", root, "--insecure-ignore-tlog"]
      : ["--trusted-root", root, "--certificate-identity", email, "--certificate-oidc-issuer", vouched];
  return ["verify-blob-attestation", ...trust, "--bundle", bundle, "--type", predicateType, "hello.txt"];
}

/** cosign refuses payloads above 128 MiB unless it is told otherwise. */
function env(directory: string): NodeJS.ProcessEnv {
  return {
    ...process.env,
    COSIGN_PASSWORD: "interop-passphrase",
    COSIGN_MAX_ATTACHMENT_SIZE: "1GB",
    HOME: directory,
    TUF_ROOT: join(directory, "tuf"),
  };
}

async function best(measure: () => Promise<Measured>): Promise<Measured> {
  const runs: Measured[] = [];
  for (let index = 0; index < repeats; index += 1) runs.push(await measure());
  return {
    seconds: Math.min(...runs.map((each) => each.seconds)),
    mebibytes: Math.min(...runs.map((each) => each.mebibytes)),
    stdout: "",
  };
}

function line(predicate: string, what: string, ours: Measured, theirs: Measured | undefined): void {
  const own = `| ${predicate} | ${what} | ${ours.seconds.toFixed(2)} s | ${megabytes(ours.mebibytes)} |`;
  if (theirs === undefined) return console.log(`${own} | | | |`);
  const ratios = `${(theirs.seconds / ours.seconds).toFixed(1)} | ${(theirs.mebibytes / ours.mebibytes).toFixed(1)}`;
  console.log(`${own} ${theirs.seconds.toFixed(2)} s | ${megabytes(theirs.mebibytes)} | ${ratios} |`);
}

function megabytes(mebibytes: number): string {
  return `${(mebibytes * 1.048576).toFixed(0)} MB`;
}

function script(name: string): string {
  return fileURLToPath(new URL(name, import.meta.url));
}
