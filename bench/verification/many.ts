/**
 * Contender: this project, verifying small bundles in one process. Arguments: directory of bundles, seconds to
 * go on, public key (PEM), or trusted root, identity and issuer. Prints bundles a second, bundles a second of
 * processor time, and KiB at the peak.
 */
import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";

import { bytesSource } from "../../src/signing/source.js";
import { loadPublicKey } from "../../src/verification/public-key.js";
import type { TrustedSigners } from "../../src/verification/request.js";
import { loadTrustedRoot } from "../../src/verification/trusted-root.js";
import { verify } from "../../src/verification/verify.js";
import { artifact, predicateType } from "./subject.js";

const [directory = "", seconds = "", path = "", identity, issuer] = process.argv.slice(2);
const text = await readFile(path, "utf8");
const signers: TrustedSigners =
  identity === undefined
    ? { keys: [loadPublicKey(text)] }
    : { identities: [{ subject: { exact: identity }, issuer: { exact: issuer ?? "" } }] };
const trustedRoot = identity === undefined ? undefined : await loadTrustedRoot(text, "bench");
const names = await readdir(directory);
const inputs = await Promise.all(
  names.map(async (name) => ({ name, source: bytesSource(await readFile(join(directory, name))) })),
);
// In the future, as the doubles' clocks are.
const now = new Date(Date.now() + 2 * 60 * 1000);
const request = { artifact, signers, ...(trustedRoot ? { trustedRoot } : {}), predicateType, now };

async function round(): Promise<number> {
  for (const input of inputs)
    if (!(await verify([input], request)).passed) throw new Error(`${input.name} does not verify`);
  return inputs.length;
}

await round(); // Loads the libraries.
const start = performance.now();
const startCpu = process.cpuUsage();
let count = 0;
while (performance.now() - start < Number(seconds) * 1000) count += await round();
const rate = (count / (performance.now() - start)) * 1000;
// On a shared machine this says more than the clock does.
const { user, system } = process.cpuUsage(startCpu);
const processorRate = count / ((user + system) / 1_000_000);
console.log(`${rate} ${processorRate} ${process.resourceUsage().maxRSS}`);
