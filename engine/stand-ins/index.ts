/**
 * Images that the local engine makes itself where no container registry answers: the module's own
 * scanners, from the binaries that the set-up put into the store.
 */
import { mkdir, mkdtemp, rename, rm, stat } from "node:fs/promises";
import { join } from "node:path";

import { parseImageReference } from "../../src/subjects/reference.js";
import { writeOciArchive, type LayerEntry } from "./oci-archive.js";
import { ensureScanner, scannerStore, storedScanners, type StoredScanner } from "./scanners.js";

export type StandIn = {
  /** Path of an OCI archive that stands in for the image. */
  readonly archive: string;
};

/**
 * An image made from the scanner in the store, for the module's pinned scanner references: the same
 * repository and tag, with the pinned digest or none. Undefined for every other reference. Its
 * digest is not that of the registry's image, hence the line through `say`.
 *
 * @param reference An image reference, canonical or familiar
 * @param say Takes progress lines; default: stderr
 * @throws Error when the scanner can't be installed
 */
export async function standIn(
  reference: string,
  say: (line: string) => void = (line) => process.stderr.write(`${line}\n`),
): Promise<StandIn | undefined> {
  const scanner = storedScanners.find((each) => standsFor(each, reference));
  if (scanner === undefined) return undefined;
  const binary = await ensureScanner(scanner, say);
  say(
    `attest: ${scanner.name} ${scanner.version} from the local store stands in for ${reference}; its image digest differs`,
  );
  return { archive: await madeOnce(scanner, binary) };
}

function standsFor(scanner: StoredScanner, reference: string): boolean {
  const pinned = parseImageReference(scanner.reference);
  const asked = parseImageReference(reference);
  if (asked.name !== pinned.name || asked.tag !== pinned.tag) return false;
  return asked.digest === undefined || asked.digest === pinned.digest;
}

/** The archive in the store, made beside its place and renamed, so that it is whole or not there. */
async function madeOnce(scanner: StoredScanner, binary: string): Promise<string> {
  const archive = join(scannerStore(), `${scanner.name}-${scanner.version}`, "image.tar");
  if (await isFile(archive)) return archive;
  await mkdir(scannerStore(), { recursive: true });
  const work = await mkdtemp(join(scannerStore(), ".stand-in."));
  try {
    const made = join(work, "image.tar");
    const image = { architecture: architecture(), config: scanner.config, entries: layer(scanner, binary) };
    await writeOciArchive(image, made, join(work, "layer.tar"));
    await rename(made, archive);
  } finally {
    await rm(work, { recursive: true, force: true });
  }
  return archive;
}

function layer(scanner: StoredScanner, binary: string): LayerEntry[] {
  const folders = scanner.executable.split("/").slice(0, -1);
  const parents = folders.map((_, index) => folders.slice(0, index + 1).join("/"));
  return [
    ...parents.map((name) => ({ kind: "directory", name, mode: 0o755 }) as const),
    { kind: "directory", name: "tmp", mode: 0o1777 },
    { kind: "copy", name: scanner.executable, mode: 0o755, from: binary },
  ];
}

function architecture(): string {
  return process.arch === "x64" ? "amd64" : process.arch;
}

async function isFile(path: string): Promise<boolean> {
  return stat(path).then(
    (found) => found.isFile(),
    () => false,
  );
}
