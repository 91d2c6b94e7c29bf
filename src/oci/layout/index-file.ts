/**
 * `index.json`, the entry point of a layout, and the file that says it is one.
 * https://github.com/opencontainers/image-spec/blob/v1.1.1/image-layout.md
 */
import { mkdir, readFile } from "node:fs/promises";
import { join } from "node:path";

import { AttestError } from "../../error.js";
import { parseJson } from "../../json/parse.js";
import { rawMembers } from "../../json/raw.js";
import { writeWhole } from "../../statement/files.js";
import { isObject } from "../../statement/json-value.js";
import type { OciLimits } from "../limits.js";
import { withList, writtenEntries, type WrittenEntry } from "../list-text.js";
import { readManifest, type ImageIndex } from "../manifest.js";
import { ociIndex } from "../media-types.js";
import type { Timing } from "../timing.js";
import { statIfThere } from "./blobs.js";
import { locked } from "./lock.js";

const layoutVersion = "1.0.0";

/** Makes an empty layout of a directory that is none yet; of several who do, one does. */
export async function createLayout(directory: string, timing: Timing): Promise<void> {
  const marker = join(directory, "oci-layout");
  await mkdir(join(directory, "blobs", "sha256"), { recursive: true });
  if ((await statIfThere(marker)) !== undefined) return;
  await locked(directory, timing, async () => {
    if ((await statIfThere(marker)) !== undefined) return;
    const empty = { schemaVersion: 2, mediaType: ociIndex, manifests: [] };
    await writeText(join(directory, "index.json"), JSON.stringify(empty));
    await writeText(marker, JSON.stringify({ imageLayoutVersion: layoutVersion }));
  });
}

/** @throws AttestError IMAGE_INVALID when the directory is no layout */
export async function assertLayout({ directory, name }: Place): Promise<void> {
  const marker = await readMarker(directory);
  const document = marker === undefined ? undefined : parseJson(marker, { what: "oci-layout" });
  const version = isObject(document) ? document["imageLayoutVersion"] : undefined;
  if (version === layoutVersion) return;
  throw new AttestError("IMAGE_INVALID", `${name} is no OCI layout`, {
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

/** Where a layout lies, what is read of it, and what errors call it. */
export type Place = { readonly directory: string; readonly limits: OciLimits; readonly name: string };

/** What the layout lists, entry by entry: it has as many writers as there are tools. */
export type LayoutIndex = Pick<ImageIndex, "manifests" | "malformed">;

export async function readLayoutIndex(place: Place): Promise<LayoutIndex> {
  return listedIn(await readIndexFile(place), place.limits);
}

/** Reads it again and again, and takes it apart only when it has changed. */
export function layoutIndexReader(place: Place): () => Promise<LayoutIndex> {
  let last: { readonly bytes: Buffer; readonly index: LayoutIndex } | undefined;
  return async () => {
    const bytes = await readIndexFile(place);
    last = last?.bytes.equals(bytes) === true ? last : { bytes, index: listedIn(bytes, place.limits) };
    return last.index;
  };
}

async function readIndexFile({ directory, limits, name }: Place): Promise<Buffer> {
  const path = join(directory, "index.json");
  const stats = await statIfThere(path);
  if (stats?.isFile() !== true) {
    throw new AttestError("IMAGE_INVALID", `${name} is no OCI layout`, {
      problems: [
        { path: "index.json", expected: "a file", got: stats === undefined ? "none" : "something else" },
      ],
      next: "Export the image again with all its content.",
    });
  }
  if (stats.size <= limits.answerBytes) return readFile(path);
  throw new AttestError("LIMIT_EXCEEDED", `index.json of ${name} is larger than what is read`, {
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
  place: Place,
  timing: Timing,
  change: (listed: readonly WrittenEntry[]) => readonly WrittenEntry[],
): Promise<void> {
  const { directory, limits } = place;
  await locked(directory, timing, async () => {
    const bytes = await readIndexFile(place);
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

/** Bytes of the file that marks a layout: it holds one version. */
const markerBytes = 64 * 1024;

/** Undefined when there is no such file. @throws AttestError LIMIT_EXCEEDED before it is read */
async function readMarker(directory: string): Promise<Buffer | undefined> {
  const path = join(directory, "oci-layout");
  const stats = await statIfThere(path);
  if (stats?.isFile() !== true) return undefined;
  if (stats.size <= markerBytes) return readFile(path);
  throw new AttestError("LIMIT_EXCEEDED", "oci-layout is larger than what is read", {
    problems: [{ path: "oci-layout", expected: `at most ${markerBytes} bytes`, got: `${stats.size}` }],
  });
}
