/** Images out of the engine: as an archive that OCI and docker readers take, or into a registry. */
import { rm } from "node:fs/promises";

import type { Pack } from "tar-stream";

import { mapParallel } from "../../src/parallel.js";
import { openRegistry } from "../../src/oci/registry/open.js";
import { systemTiming } from "../../src/oci/timing.js";
import { bytesSource, fileSource } from "../../src/signing/source.js";
import type { ImageReference } from "../../src/subjects/reference.js";
import type { EngineServices } from "../services.js";
import { memoKey, recall, remember } from "../store/memo.js";
import { addFile as keepFile, holds } from "../store/objects.js";
import { addBytes, addFile, writeTar } from "../tar.js";
import type { FileEntry } from "../tree/types.js";
import type { AssembledImage, Document } from "./assemble.js";
import { blobPath } from "./blobs.js";
import { registryAccess } from "./registry.js";

/** Blobs that are sent at once. */
const parallelUploads = 3;

/** The image as a tar of an OCI layout, with the manifest.json of docker archives beside it. */
export async function imageArchive(services: EngineServices, image: AssembledImage): Promise<FileEntry> {
  const { store } = services;
  const key = memoKey("archive", [image.root.descriptor.digest]);
  const known = await recall(store, key, isFileEntry);
  if (known !== undefined && holds(store, known)) return known;
  const temporary = store.temporary("archive");
  try {
    return await services.report.during("write image archive", async () => {
      await writeTar(temporary, (tar) => fillArchive(services, tar, image));
      const entry = await keepFile(store, temporary);
      await remember(store, key, entry);
      return entry;
    });
  } finally {
    await rm(temporary, { force: true });
  }
}

async function fillArchive({ store }: EngineServices, tar: Pack, image: AssembledImage): Promise<void> {
  const { root, manifests } = image;
  const index = { schemaVersion: 2, mediaType: "application/vnd.oci.image.index.v1+json" };
  await addBytes(tar, "oci-layout", json({ imageLayoutVersion: "1.0.0" }));
  await addBytes(tar, "index.json", json({ ...index, manifests: [root.descriptor] }));
  const only = manifests.length === 1 ? manifests[0] : undefined;
  if (only !== undefined) {
    const docker = {
      Config: entryName(only.config.descriptor.digest),
      RepoTags: null,
      Layers: only.layers.map(({ digest }) => entryName(digest)),
    };
    await addBytes(tar, "manifest.json", json([docker]));
  }
  const written = new Set<string>();
  const isNew = (digest: string): boolean => !written.has(digest) && written.add(digest).size > 0;
  for (const { descriptor, bytes } of documentsOf(image)) {
    if (isNew(descriptor.digest)) await addBytes(tar, entryName(descriptor.digest), bytes);
  }
  for (const { digest } of manifests.flatMap(({ layers }) => layers)) {
    if (isNew(digest)) await addFile(tar, entryName(digest), blobPath(store, digest));
  }
}

function documentsOf({ root, manifests }: AssembledImage): readonly Document[] {
  return [root, ...manifests.flatMap(({ manifest, config }) => [manifest, config])];
}

function entryName(digest: string): string {
  return `blobs/${digest.replace(":", "/")}`;
}

function json(value: unknown): Buffer {
  return Buffer.from(JSON.stringify(value));
}

/** Sends the image to a registry; what is there already is not sent again. The tag comes last. */
export async function pushImage(
  services: EngineServices,
  image: AssembledImage,
  target: ImageReference,
  tag: string,
): Promise<void> {
  const { protocol, ca, credentials } = await registryAccess(services, target.registry);
  const repository = await openRegistry(target, {
    timing: systemTiming(),
    protocol,
    ...(ca === undefined ? {} : { ca }),
    ...(credentials === undefined
      ? {}
      : {
          credentials: {
            kind: "password",
            username: credentials.username,
            password: await credentials.password(),
          },
        }),
  });
  const layers = new Map(
    image.manifests.flatMap(({ layers }) => layers.map((layer) => [layer.digest, layer])),
  );
  await mapParallel([...layers.values()], parallelUploads, async (layer) =>
    repository.pushBlob(layer, await fileSource(blobPath(services.store, layer.digest))),
  );
  for (const { config } of image.manifests)
    await repository.pushBlob(config.descriptor, bytesSource(config.bytes));
  if (image.manifests.length > 1) {
    for (const { manifest } of image.manifests) await repository.pushManifest(manifest);
  }
  await repository.pushManifest(image.root, tag);
}

function isFileEntry(value: unknown): value is FileEntry {
  return typeof value === "object" && value !== null && "object" in value && "sha256" in value;
}
