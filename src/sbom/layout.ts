import { createReadStream, createWriteStream } from "node:fs";
import { copyFile, mkdir, open } from "node:fs/promises";
import { basename, dirname, join, posix } from "node:path";
import { pipeline } from "node:stream/promises";

import { AttestError } from "../error.js";
import { fileError } from "../statement/file-error.js";
import { membersOf } from "../statement/json-value.js";

const layoutEntry = /^(?:oci-layout|index\.json|blobs\/[a-z0-9]+\/[a-f0-9]+)$/;

/**
 * Unpacks an OCI archive (a tar of an OCI image layout) into a directory, for scanners that read
 * layouts only as directories. Entries other than the layout's own (oci-layout, index.json,
 * blobs/<algorithm>/<hex>) stay out, so that no entry can write anywhere else; a link between two of them is a file
 * that stands there twice, and any other link is refused.
 * https://github.com/opencontainers/image-spec/blob/v1.1.1/image-layout.md
 *
 * @throws AttestError IMAGE_INVALID when it is no tar, or there is no layout in it; FILE_FAILED
 */
export async function extractLayout(archivePath: string, directory: string): Promise<void> {
  await refuseCompressed(archivePath);
  const { extract } = await import("tar-stream");
  const unpacked: Unpacked = { found: new Set(), links: new Map(), isDockerArchive: false };
  const entries = extract();
  const read = pipeline(createReadStream(archivePath), entries);
  const unpacking = (async () => {
    for await (const entry of entries) {
      const path = await unpackedPath(entry.header, directory, archivePath, unpacked);
      if (path === undefined) entry.resume();
      else await pipeline(entry, createWriteStream(path));
    }
  })();
  const [readResult, unpackResult] = await Promise.allSettled([read, unpacking]);
  for (const result of [unpackResult, readResult])
    if (result.status === "rejected") throwFileError(result.reason, `can't unpack ${basename(archivePath)}`);
  if (unpackResult.status === "rejected" && unpackResult.reason instanceof AttestError)
    throw unpackResult.reason;
  if (readResult.status === "rejected") throw notAnArchive(archivePath, "no readable tar", readResult.reason);
  if (unpackResult.status === "rejected") throw unpackResult.reason;
  await copyLinked(unpacked, directory, archivePath);
  assertLayoutFound(unpacked, archivePath);
}

/** A full disk makes no archive wrong. */
function throwFileError(reason: unknown, what: string): void {
  const error = fileError(reason, what);
  if (error !== reason) throw error;
}

type Unpacked = {
  readonly found: Set<string>;
  /** Names of the layout that are links, with what they name. */
  readonly links: Map<string, string>;
  isDockerArchive: boolean;
};

type Header = {
  readonly name: string;
  readonly type?: string | null;
  readonly linkname?: string | null;
  readonly pax?: unknown;
};

/** Where the file of an entry goes; undefined for one that stays out. */
async function unpackedPath(
  { name: written, type, linkname, pax }: Header,
  directory: string,
  archivePath: string,
  unpacked: Unpacked,
): Promise<string | undefined> {
  const { found, links } = unpacked;
  const { "GNU.sparse.name": sparseName, "GNU.sparse.map": map, "GNU.sparse.major": major } = membersOf(pax);
  const isSparse = map !== undefined || major !== undefined;
  const name = nameIn(typeof sparseName === "string" ? sparseName : written);
  if (name === "manifest.json") unpacked.isDockerArchive = true;
  if (!layoutEntry.test(name) || type === "directory") return undefined;
  if (type === "symlink") links.set(name, nameIn(posix.join(dirname(name), linkname ?? "")));
  else if (type === "link") links.set(name, nameIn(linkname ?? ""));
  else if (type !== "file" || isSparse)
    throw notAnArchive(archivePath, `${name} as a sparse or special file`);
  if (type !== "file") return undefined;
  // A blob is checked by its digest; of two documents nobody knows which one counts.
  if (found.has(name) && !name.startsWith("blobs/")) throw notAnArchive(archivePath, `${name} twice`);
  found.add(name);
  const path = join(directory, name);
  await mkdir(dirname(path), { recursive: true });
  return path;
}

/** Without what says only that it lies in the archive. */
function nameIn(name: string): string {
  return posix.normalize(name).replace(/^\/+/, "");
}

/** Archives of directories in which files are linked instead of copied. */
async function copyLinked({ found, links }: Unpacked, directory: string, archivePath: string): Promise<void> {
  for (const [name, target] of links) {
    if (!found.has(target))
      throw notAnArchive(archivePath, `${name} as a link to what is no file of the layout`);
    const path = join(directory, name);
    await mkdir(dirname(path), { recursive: true });
    await copyFile(join(directory, target), path);
    found.add(name);
  }
}

function assertLayoutFound({ found, isDockerArchive }: Unpacked, archivePath: string): void {
  const missing = ["oci-layout", "index.json"].find((name) => !found.has(name));
  if (missing === undefined) return;
  if (!isDockerArchive) throw notAnArchive(archivePath, `a tar without ${missing}`);
  throw notAnArchive(
    archivePath,
    "a `docker save` archive without a layout",
    undefined,
    "Convert it (`skopeo copy docker-archive:image.tar oci-archive:image.oci.tar`), or save it with Docker 25 or newer.",
  );
}

const compressions = [
  { magic: "1f8b", name: "gzip" },
  { magic: "28b52ffd", name: "zstd" },
  { magic: "425a68", name: "bzip2" },
  { magic: "fd377a58", name: "xz" },
];

async function refuseCompressed(archivePath: string): Promise<void> {
  const file = await open(archivePath, "r");
  const { buffer, bytesRead } = await file.read(Buffer.alloc(4), 0, 4, 0).finally(() => file.close());
  const magic = buffer.toString("hex", 0, bytesRead);
  const found = compressions.find((one) => magic.startsWith(one.magic));
  if (found !== undefined)
    throw notAnArchive(archivePath, `one compressed by ${found.name}`, undefined, "Decompress it first.");
}

function notAnArchive(path: string, got: string, cause?: unknown, next?: string): AttestError {
  return new AttestError("IMAGE_INVALID", "the image is no OCI archive", {
    problems: [{ path: basename(path), expected: "a tar of an OCI image layout", got }],
    ...(next === undefined ? {} : { next }),
    ...(cause === undefined ? {} : { cause }),
  });
}
