/**
 * Runs a scan plan with the scanners of the store, on the host: the paths of the scanner's container
 * lie below a directory of the test.
 */
import { execFile } from "node:child_process";
import { cp, mkdir, writeFile } from "node:fs/promises";
import { dirname } from "node:path";
import { promisify } from "node:util";

import { ensureScanner, storedScanners } from "../../engine/stand-ins/scanners.js";
import { finishSbom } from "../../src/sbom/finish.js";
import { extractLayout } from "../../src/sbom/layout.js";
import { scanPlan, type ScanPlan, type ScanRequest } from "../../src/sbom/plan.js";
import type { SbomScanner } from "../../src/sbom/types.js";
import type { SbomSummary } from "../../src/sbom/summary.js";

const run = promisify(execFile);

/** Path of the real scanner; the set-up installs it where it is missing. */
export async function scannerBinary(name: SbomScanner): Promise<string> {
  const scanner = storedScanners.find((each) => each.name === name);
  if (scanner === undefined) throw new Error(`no scanner is called ${name}`);
  return ensureScanner(scanner, (line) => console.warn(line));
}

export type Scanned = {
  /** What the scanner wrote, untouched. */
  readonly outputPath: string;
  readonly plan: ScanPlan;
};

/** Scans `input` (an OCI archive, a directory or a file) as the plan says, below `root`. */
export async function scan(request: ScanRequest, input: string, root: string): Promise<Scanned> {
  const plan = below(scanPlan(request), root);
  await mkdir(dirname(plan.mountPath), { recursive: true });
  await mkdir(dirname(plan.outputPath), { recursive: true });
  if (plan.input === "oci-layout") await extractLayout(input, plan.mountPath);
  else await cp(input, plan.mountPath, { recursive: true });
  for (const { path, bytes } of plan.files) {
    await mkdir(dirname(path), { recursive: true });
    await writeFile(path, bytes);
  }
  const binary = await scannerBinary(request.scanner);
  await run(binary, plan.args.slice(1), { env: { ...process.env, ...plan.env } });
  return { outputPath: plan.outputPath, plan };
}

/** The whole way from an input to the predicate's file. */
export async function makeSbom(
  request: ScanRequest,
  input: string,
  root: string,
  predicatePath: string,
): Promise<SbomSummary> {
  const { outputPath, plan } = await scan(request, input, root);
  return finishSbom({ request, plan, outputPath, stderr: "", created: 0, predicatePath });
}

/** Runs a scanner as a user does, without this project; returns its JSON. */
export async function runDirectly(name: SbomScanner, args: readonly string[], cwd: string): Promise<unknown> {
  const env = { ...process.env, SYFT_CHECK_FOR_APP_UPDATE: "false" };
  const options = { cwd, env, maxBuffer: 256 * 1024 * 1024 };
  const { stdout } = await run(await scannerBinary(name), [...args], options);
  return JSON.parse(stdout);
}

function below(plan: ScanPlan, root: string): ScanPlan {
  const move = (path: string): string => path.replace(/(^|[=:])\/(attest|tmp)\//, `$1${root}/$2/`);
  return {
    ...plan,
    mountPath: move(plan.mountPath),
    outputPath: move(plan.outputPath),
    files: plan.files.map((file) => ({ ...file, path: move(file.path) })),
    args: plan.args.map(move),
  };
}
