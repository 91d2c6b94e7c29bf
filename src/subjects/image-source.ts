import { createHash } from "node:crypto";
import { createReadStream } from "node:fs";
import { open, stat } from "node:fs/promises";
import { join } from "node:path";

import { AttestError } from "../error.js";

/**
 * The small files of an OCI image layout: `index.json`, `oci-layout` and the JSON blobs. Layers are not
 * among them.
 * https://github.com/opencontainers/image-spec/blob/main/image-layout.md
 */
export type ImageSource = {
  /** What it is in words, for errors. */
  readonly what: string;
  /** A file's bytes; undefined when there is none of this name (or, for a blob, none in JSON). */
  read(name: string): Promise<Buffer | undefined>;
};

/** Largest manifest, index or configuration that is read; registries stop at 4 MiB for a manifest. */
const documentBytes = 4 * 1024 * 1024;
/** All documents of an archive together: they are held in memory. */
const allDocumentsBytes = 64 * 1024 * 1024;

/**
 * Opens an OCI image layout: a directory, or an archive (tar, not compressed) of one.
 * @throws AttestError IMAGE_INVALID when it is neither; a `docker save` archive without a layout is told
 * apart, because its image has no manifest and so no digest.
 */
export async function openImageSource(path: string): Promise<ImageSource> {
  const stats = await stat(path).catch((cause: unknown) => {
    throw new AttestError("IMAGE_INVALID", `can't read the image ${path}`, {
      next: "Name an OCI archive or an OCI layout directory that exists.",
      cause,
    });
  });
  return stats.isDirectory() ? directorySource(path) : archiveSource(path);
}

function directorySource(path: string): ImageSource {
  return { what: "OCI layout directory", read: (name) => readDocument(join(path, name)) };
}

async function readDocument(path: string): Promise<Buffer | undefined> {
  const file = await open(path, "r").catch(() => undefined);
  if (file === undefined) return undefined;
  try {
    const stats = await file.stat();
    return stats.isFile() && stats.size <= documentBytes ? await file.readFile() : undefined;
  } finally {
    await file.close();
  }
}

async function archiveSource(path: string): Promise<ImageSource> {
  await refuseCompressed(path);
  const documents = await readArchive(path);
  if (!documents.has("index.json")) refuseWithoutIndex(documents.has("manifest.json"));
  return { what: "OCI archive", read: (name) => Promise.resolve(documents.get(name)) };
}

async function refuseCompressed(path: string): Promise<void> {
  const file = await open(path, "r");
  const { buffer } = await file.read(Buffer.alloc(4), 0, 4, 0).finally(() => file.close());
  const magic = buffer.toString("hex");
  if (!magic.startsWith("1f8b") && magic !== "28b52ffd") return;
  throw new AttestError("IMAGE_INVALID", "the image archive is compressed", {
    next: "Decompress it first (gunzip or zstd -d).",
  });
}

/** One pass over the archive: nothing says in which order an archive has its files. */
async function readArchive(path: string): Promise<Map<string, Buffer>> {
  const { extract } = await import("tar-stream");
  const documents = new Map<string, Buffer>();
  let size = 0;
  const archive = extract();
  const file = createReadStream(path, { highWaterMark: 1024 * 1024 });
  file.on("error", (error) => archive.destroy(error)).pipe(archive);
  try {
    for await (const entry of archive) {
      const name = (entry.header.name ?? "").replace(/^\.\//, "");
      const content = await documentIn(entry, entry.header.size ?? 0, isDocument(name));
      if (content === undefined) continue;
      if (documents.has(name)) refuseArchive(`it holds ${name} twice`);
      size += content.length;
      if (size > allDocumentsBytes) refuseArchive(`its JSON documents exceed ${allDocumentsBytes} bytes`);
      documents.set(name, content);
    }
  } catch (cause) {
    if (cause instanceof AttestError) throw cause;
    return refuseArchive("it is no tar archive, or is cut off", cause);
  } finally {
    file.destroy();
  }
  return documents;
}

function isDocument(name: string): boolean {
  return ["index.json", "oci-layout", "manifest.json"].includes(name) || /^blobs\/\w+\/[0-9a-f]+$/.test(name);
}

/** Reads an entry to its end, and returns its content when it is a JSON object of a size to expect. */
async function documentIn(
  content: AsyncIterable<unknown>,
  size: number,
  isWanted: boolean,
): Promise<Buffer | undefined> {
  const pieces: Uint8Array[] = [];
  let isKept = isWanted && size > 0 && size <= documentBytes;
  for await (const piece of content) {
    if (!(piece instanceof Uint8Array)) throw new TypeError("an archive entry is no stream of bytes");
    if (pieces.length === 0 && !beginsJson(piece)) isKept = false;
    if (isKept) pieces.push(piece);
  }
  return isKept ? Buffer.concat(pieces) : undefined;
}

/** Layers are told apart by it: tar, gzip and zstd begin otherwise. */
function beginsJson(bytes: Uint8Array): boolean {
  return /^\s*[{[]/.test(new TextDecoder().decode(bytes.subarray(0, 16)));
}

function refuseArchive(reason: string, cause?: unknown): never {
  throw new AttestError("IMAGE_INVALID", `this is no OCI image archive: ${reason}`, {
    next: "Name an OCI archive, as `Container.asTarball`, `buildah push oci-archive:` or `skopeo copy` write it.",
    ...(cause === undefined ? {} : { cause }),
  });
}

function refuseWithoutIndex(isDockerArchive: boolean): never {
  if (!isDockerArchive) return refuseArchive("it has no index.json");
  throw new AttestError("IMAGE_INVALID", "this is a `docker save` archive without an OCI layout", {
    next:
      "Convert it, because its image gets a manifest and a digest only then: " +
      "`skopeo copy docker-archive:image.tar oci-archive:image.oci.tar`, or save it with Docker 25 or newer.",
  });
}

/** Digest of bytes in the form of OCI descriptors, as in `sha256:<hex>`. */
export function blobDigest(algorithm: string, bytes: Uint8Array): string {
  return `${algorithm}:${createHash(algorithm).update(bytes).digest("hex")}`;
}
