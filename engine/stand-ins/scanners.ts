/** The scanners that the set-up puts into the store, and what their images look like from outside. */
import { execFile } from "node:child_process";
import { homedir } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";

import { parseImageReference } from "../../src/subjects/reference.js";
import { syftImage, trivyImage } from "../../src/sbom/images.js";
import type { ImageConfig } from "./oci-archive.js";

const run = promisify(execFile);

export type ScannerName = "syft" | "trivy";

export type StoredScanner = {
  readonly name: ScannerName;
  /** The module's pinned reference, which the stand-in stands for. */
  readonly reference: string;
  readonly version: string;
  /** Where the binary lies in the image. */
  readonly executable: string;
  readonly config: ImageConfig;
};

const path = "PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";

export const storedScanners: readonly StoredScanner[] = [
  {
    name: "syft",
    reference: syftImage,
    version: pinnedVersion(syftImage),
    executable: "syft",
    config: { Env: [path], Entrypoint: ["/syft"], WorkingDir: "/tmp" },
  },
  {
    name: "trivy",
    reference: trivyImage,
    version: pinnedVersion(trivyImage),
    executable: "usr/local/bin/trivy",
    config: { Env: [path], Entrypoint: ["trivy"], WorkingDir: "/" },
  },
];

/** Directory of the store that holds the scanners; the same rule as in scripts/scanners.sh. */
export function scannerStore(): string {
  const cache = process.env["XDG_CACHE_HOME"] || join(process.env["HOME"] || homedir(), ".cache");
  return join(process.env["ATTEST_CACHE"] || join(cache, "attest"), "scanners");
}

/** Path of a scanner's binary in the store. */
export function scannerPath(scanner: StoredScanner): string {
  return join(scannerStore(), `${scanner.name}-${scanner.version}`, scanner.name);
}

/**
 * Lets the set-up put the scanner into the store, where it is not there yet; what it installs is
 * said through `say`.
 *
 * @throws Error with the set-up's last lines, when it can't be had
 */
export async function ensureScanner(scanner: StoredScanner, say: (line: string) => void): Promise<string> {
  const script = join(dirname(fileURLToPath(import.meta.url)), "../../scripts/scanners.sh");
  const setup = run("sh", ["-c", '. "$0" && ensure_scanners "$1"', script, scanner.name], {
    maxBuffer: 64 * 1024 * 1024,
  });
  setup.child.stderr?.on("data", (text: Buffer | string) => {
    for (const line of String(text).split("\n")) if (line !== "") say(line);
  });
  await setup.catch((cause: unknown) => {
    throw new Error(`${scanner.name} ${scanner.version} could not be installed`, { cause });
  });
  return checkVersion(scanner, scannerPath(scanner));
}

async function checkVersion(scanner: StoredScanner, binary: string): Promise<string> {
  const { stdout } = await run(binary, ["--version"]);
  const found = /\d+\.\d+\.\d+\S*/.exec(stdout)?.[0] ?? "no version";
  if (found === scanner.version) return binary;
  throw new Error(`${binary} says it is ${found}; remove it and run again to have ${scanner.version}`);
}

function pinnedVersion(reference: string): string {
  return (parseImageReference(reference).tag ?? "").replace(/^v/, "");
}
