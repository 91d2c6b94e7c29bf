/**
 * `index.json`, the entry point of a layout, and the file that says it is one.
 * https://github.com/opencontainers/image-spec/blob/v1.1.1/image-layout.md
 */
import { mkdir, mkdtemp, readFile, stat } from "node:fs/promises";
import { basename, join } from "node:path";

import { AttestError, errorCode } from "../../error.js";
import { parseJson } from "../../json/parse.js";
import { rawMembers } from "../../json/raw.js";
import { partialPrefix, writeWhole } from "../../statement/files.js";
import { isObject } from "../../statement/json-value.js";
import { expel, holdersOf, tryLock, type Release } from "../../statement/lock.js";
import type { OciLimits } from "../limits.js";
import { withList, writtenEntries, type WrittenEntry } from "../list-text.js";
import { readManifest, type ImageIndex } from "../manifest.js";
import { ociIndex } from "../media-types.js";
import type { Timing } from "../timing.js";

const layoutVersion = "1.0.0";

/** Makes an empty layout of a directory that is none yet; of several who do, one does. */
export async function createLayout(directory: string, timing: Timing): Promise<void> {
  const marker = join(directory, "oci-layout");
  await mkdir(join(directory, "blobs", "sha256"), { recursive: true });
  if ((await readIfThere(marker)) !== undefined) return;
  await locked(directory, timing, async () => {
    if ((await readIfThere(marker)) !== undefined) return;
    const empty = { schemaVersion: 2, mediaType: ociIndex, manifests: [] };
    await writeText(join(directory, "index.json"), JSON.stringify(empty));
    await writeText(marker, JSON.stringify({ imageLayoutVersion: layoutVersion }));
  });
}

/** @throws AttestError IMAGE_INVALID when the directory is no layout */
export async function assertLayout(directory: string): Promise<void> {
  const marker = await readIfThere(join(directory, "oci-layout"));
  const document = marker === undefined ? undefined : parseJson(marker, { what: "oci-layout" });
  const version = isObject(document) ? document["imageLayoutVersion"] : undefined;
  if (version === layoutVersion) return;
  throw new AttestError("IMAGE_INVALID", `${directory} is no OCI layout`, {
    problems: [
      {
        path: "oci-layout",
        expected: `{"imageLayoutVersion":"${layoutVersion}"}`,
        got: marker === undefined ? "no such file" : JSON.stringify(version ?? null),
      },
    ],
    next: "Name a directory as `skopeo copy docker://... oci:directory` writes it, or an unpacked OCI archive.",
  });
}

/** What the layout lists, entry by entry: it has as many writers as there are tools. */
export type LayoutIndex = Pick<ImageIndex, "manifests" | "malformed">;

export async function readLayoutIndex(directory: string, limits: OciLimits): Promise<LayoutIndex> {
  return listedIn(await readIndexFile(directory, limits), limits);
}

/** Reads it again and again, and takes it apart only when it has changed. */
export function layoutIndexReader(directory: string, limits: OciLimits): () => Promise<LayoutIndex> {
  let last: { readonly bytes: Buffer; readonly index: LayoutIndex } | undefined;
  return async () => {
    const bytes = await readIndexFile(directory, limits);
    last = last?.bytes.equals(bytes) === true ? last : { bytes, index: listedIn(bytes, limits) };
    return last.index;
  };
}

async function readIndexFile(directory: string, limits: OciLimits): Promise<Buffer> {
  const path = join(directory, "index.json");
  const stats = await stat(path).catch(() => undefined);
  if (stats?.isFile() !== true) {
    throw new AttestError("IMAGE_INVALID", `${directory} is no OCI layout`, {
      problems: [
        { path: "index.json", expected: "a file", got: stats === undefined ? "none" : "something else" },
      ],
      next: "Export the image again with all its content.",
    });
  }
  if (stats.size <= limits.answerBytes) return readFile(path);
  throw new AttestError("LIMIT_EXCEEDED", `index.json of ${directory} is larger than what is read`, {
    problems: [{ path: "index.json", expected: `at most ${limits.answerBytes} bytes`, got: `${stats.size}` }],
  });
}

function listedIn(bytes: Buffer, limits: OciLimits): LayoutIndex {
  const index = readManifest(bytes, ociIndex, limits, "index.json");
  return index.kind === "index" ? index : { manifests: [], malformed: [] };
}

/**
 * Changes what the layout lists: alone, also among processes, and at once. What others wrote there stays as it is, with
 * all that is not read here.
 */
export async function changeLayoutIndex(
  directory: string,
  limits: OciLimits,
  timing: Timing,
  change: (listed: readonly WrittenEntry[]) => readonly WrittenEntry[],
): Promise<void> {
  await locked(directory, timing, async () => {
    const bytes = await readIndexFile(directory, limits);
    listedIn(bytes, limits);
    const listed = writtenEntries(bytes, "manifests");
    const changed = change(listed);
    if (changed.length === listed.length && changed.every(({ text }, at) => text === listed[at]?.text))
      return;
    await writeText(join(directory, "index.json"), withList(rawMembers(bytes), "manifests", changed));
  });
}

async function writeText(path: string, text: string | Buffer): Promise<void> {
  await writeWhole(path, (writer) => writer.write(Buffer.from(text)));
}

async function readIfThere(path: string): Promise<Buffer | undefined> {
  return readFile(path).catch((error: unknown) => {
    if (errorCode(error) === "ENOENT") return undefined;
    throw error;
  });
}

const lockAttempts = 600;
const lockPause = 50;
/** A change takes milliseconds: whoever holds one and the same lock for so many attempts was killed. */
const staleAttempts = 200;

async function locked(directory: string, timing: Timing, work: () => Promise<void>): Promise<void> {
  const release = await acquire(directory, timing);
  try {
    await work();
  } finally {
    await release();
  }
}

async function acquire(directory: string, timing: Timing): Promise<Release> {
  const path = join(directory, "index.json.lock");
  let holder = "";
  let since = 0;
  for (let attempt = 0; attempt < lockAttempts; attempt += 1) {
    const [seen = ""] = await holdersOf(path);
    const release = seen === "" ? await tryOnce(directory, path) : undefined;
    if (release !== undefined) return release;
    if (seen !== holder || seen === "") since = attempt;
    holder = seen;
    if (attempt - since >= staleAttempts) await expel(path, holder);
    else await timing.sleep(lockPause * (0.5 + timing.random()));
  }
  throw new AttestError("IMAGE_INVALID", `${path} is held by another writer`, {
    next: "Wait for the other writer; when none runs any more, remove it and try again.",
  });
}

async function tryOnce(directory: string, path: string): Promise<Release | undefined> {
  const waiting = await mkdtemp(join(directory, partialPrefix));
  return tryLock(path, waiting, basename(waiting));
}
