/**
 * What `cosign save` makes of an image: a layout that marks what each of its entries is and gives none of them a tag. The
 * bundles that refer to the image are among the blobs, and nothing lists them.
 * https://github.com/sigstore/cosign/blob/v3.1.2/pkg/oci/layout/write.go
 */
import { open, stat } from "node:fs/promises";
import { join } from "node:path";

import { namesIn } from "../../statement/files.js";
import type { Descriptor } from "../descriptor.js";
import { tagOfDigest } from "../digest.js";
import { assertCount, type OciLimits } from "../limits.js";

const prefix = "dev.cosignproject.cosign/";
const images: readonly string[] = ["image", "imageIndex"];
/** The suffixes of the tags that such entries have in a registry. */
const suffixes: Readonly<Record<string, string>> = { atts: ".att", sigs: ".sig" };

type Annotated = Pick<Descriptor, "annotations">;

/** What such a layout says that an entry is; undefined in any other. */
function kindOf({ annotations }: Annotated): string | undefined {
  const kind = annotations?.["kind"];
  return kind?.startsWith(prefix) === true ? kind.slice(prefix.length) : undefined;
}

/** Whether an entry is marked as something else than an image. */
export function isMarkedAttached(entry: Annotated): boolean {
  const kind = kindOf(entry);
  return kind !== undefined && !images.includes(kind);
}

export function isMarkedImage(entry: Annotated): boolean {
  return images.includes(kindOf(entry) ?? "");
}

export function isCosignSave(listed: readonly Descriptor[]): boolean {
  return listed.some((entry) => kindOf(entry) !== undefined);
}

/** The entry that a tag of older cosign versions would name, in a layout of one image. */
export function savedUnderTag(listed: readonly Descriptor[], tag: string): Descriptor | undefined {
  const [image, another] = listed.filter(isMarkedImage);
  if (image === undefined || another !== undefined) return undefined;
  return listed.find((entry) => {
    const suffix = suffixes[kindOf(entry) ?? ""];
    return suffix !== undefined && tagOfDigest(image.digest, suffix) === tag;
  });
}

/** Digests of blobs that may be manifests: small enough, and beginning as JSON does. */
export async function possibleManifests(directory: string, limits: OciLimits): Promise<string[]> {
  const found: string[] = [];
  for (const name of await namesIn(join(directory, "blobs", "sha256"))) {
    const path = join(directory, "blobs", "sha256", name);
    if (!/^[0-9a-f]{64}$/.test(name) || (await stat(path)).size > limits.manifestBytes) continue;
    if ((await firstByte(path)) === "{") found.push(`sha256:${name}`);
    assertCount(found.length, limits.referrers, `the small blobs of ${directory}`);
  }
  return found.sort();
}

async function firstByte(path: string): Promise<string> {
  const file = await open(path);
  try {
    const { buffer, bytesRead } = await file.read(Buffer.alloc(1), 0, 1, 0);
    return buffer.toString("latin1", 0, bytesRead);
  } finally {
    await file.close();
  }
}
