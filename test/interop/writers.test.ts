/**
 * Writers of one fallback tag at once, some of them other people's tools, which don't look again after they wrote. These
 * lose entries of each other; what is attached here stays.
 */
import { execFile } from "node:child_process";
import { generateKeyPairSync } from "node:crypto";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { afterAll, expect, test } from "vitest";

import { attachToImage } from "../../src/oci/attach/image.js";
import { readFallback } from "../../src/oci/fallback.js";
import { systemTiming } from "../../src/oci/timing.js";
import { missing, storeKinds, tools } from "../oci/stores.js";
import { writeBundle } from "../support/bundles.js";
import { pushImage } from "../support/registry-images.js";
import { findCosign, runCosign } from "./cosign.js";

const distribution = storeKinds.find(({ name }) => name === "distribution");
const cosign = findCosign();
const reason = missing("docker-registry", "oras") || ("missing" in cosign ? cosign.missing : false);
if (reason !== false) console.warn(`writers beside other tools are skipped: ${reason}`);
const directory = mkdtempSync(join(tmpdir(), "attest-beside-"));
afterAll(() => rmSync(directory, { recursive: true, force: true }));

/** Times that each tool attaches, all at once; more where there is time: ATTEST_WRITERS=30. */
const count = Number(process.env["ATTEST_WRITERS"] ?? 8);
/** Writers of this project that attach one after the other meanwhile. */
const writers = 4;

test.skipIf(reason !== false)("beside cosign and oras nothing that is attached here is lost", async () => {
  const maker = await distribution?.start();
  if (maker === undefined || !("path" in cosign)) throw new Error("not on this machine");
  try {
    const image = await pushImage(await maker.open("app"), "v1");
    const reference = `${maker.registry?.address ?? ""}/app@${image.digest}`;
    await prepareCosign(cosign.path);
    let areOthersDone = false;
    const others = Promise.all(
      Array.from({ length: count }, (_, at) => [
        attestWithCosign(cosign.path, reference),
        attachWithOras(reference, at),
      ]).flat(),
    ).finally(() => (areOthersDone = true));
    const ours: string[] = [];
    const writer = async (_: unknown, which: number) => {
      const options = { created: "2026-11-27T00:00:00Z", timing: systemTiming() };
      for (let at = 0; !areOthersDone; at += 1) {
        const path = await writeBundle(directory, `own-${which}-${at}`, [image.digest]);
        const { attached } = await attachToImage(await maker.open("app"), "v1", [path], options);
        ours.push(...attached.map(({ manifest }) => manifest.digest));
      }
    };
    await Promise.all([others, ...Array.from({ length: writers }, writer)]);
    const listed = (await readFallback(await maker.open("app"), image.digest)).map(({ digest }) => digest);
    expect(listed).toEqual(expect.arrayContaining(ours));
    // Others did write: this is no test of our writers alone.
    expect(listed.length).toBeGreaterThan(ours.length);
  } finally {
    await maker.stop();
  }
});

async function prepareCosign(path: string): Promise<void> {
  const { privateKey } = generateKeyPairSync("ec", { namedCurve: "P-256" });
  writeFileSync(join(directory, "key.pem"), privateKey.export({ format: "pem", type: "pkcs8" }));
  writeFileSync(join(directory, "predicate.json"), '{"verdict":"good"}');
  const offline = { mediaType: "application/vnd.dev.sigstore.signingconfig.v0.2+json" };
  writeFileSync(join(directory, "offline.json"), JSON.stringify(offline));
  const args = ["import-key-pair", "--key", "key.pem", "--output-key-prefix", "cosign"];
  expect(await runCosign(path, args, directory)).toMatchObject({ status: 0 });
}

async function attestWithCosign(path: string, reference: string): Promise<void> {
  const args = ["attest", "-y", "--key", "cosign.key", "--signing-config", "offline.json", "--allow-http-registry",
    "--type", "https://example.com/test/v1", "--predicate", "predicate.json", reference]; // prettier-ignore
  expect(await runCosign(path, args, directory)).toMatchObject({ status: 0 });
}

/** It fails where the registry does not let it delete the list that it replaced; the new one is there then. */
function attachWithOras(reference: string, at: number): Promise<void> {
  const name = `file-${at}.txt`;
  writeFileSync(join(directory, name), name);
  const args = ["attach", "--plain-http", "--artifact-type", "application/vnd.example.test", reference, name];
  return new Promise((resolve) => {
    execFile(
      tools.get("oras") ?? "",
      args,
      { cwd: directory, env: { ...process.env, HOME: directory } },
      () => resolve(),
    );
  });
}
