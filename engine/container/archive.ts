/** Images in files: OCI layouts, OCI archives, docker-save archives, told apart by looking. */
import { createReadStream, createWriteStream, existsSync, statSync } from "node:fs";
import { rm, symlink } from "node:fs/promises";
import { basename, join } from "node:path";
import { pipeline } from "node:stream/promises";
import { createGunzip } from "node:zlib";

import { extract } from "tar-stream";

import { EngineError } from "../graph/error.js";
import type { EngineServices } from "../services.js";
import type { Store } from "../store/store.js";
import { pullImage } from "./image.js";
import { listsSeveral, singleImage } from "./single.js";

export type ArchiveKind = "oci" | "oci-archive" | "docker-archive";

/** What a path holds; undefined when it is no image. */
export async function archiveKind(path: string): Promise<ArchiveKind | undefined> {
  const stats = statSync(path, { throwIfNoEntry: false });
  if (stats?.isDirectory()) return existsSync(join(path, "oci-layout")) ? "oci" : undefined;
  if (!stats?.isFile()) return undefined;
  const names = await topNames(path).catch(() => new Set<string>());
  if (names.has("oci-layout") || names.has("index.json")) return "oci-archive";
  return names.has("manifest.json") || names.has("repositories") ? "docker-archive" : undefined;
}

/** Takes an archive or layout into the storage; returns the image's id. */
export async function importArchive(
  services: EngineServices,
  path: string,
  tag: string,
  platform: string,
): Promise<string> {
  const kind = await archiveKind(path);
  if (kind === undefined) {
    throw new EngineError(
      `${basename(path)} is no image: an OCI layout, an OCI archive or a docker-save archive expected`,
    );
  }
  return services.report.during("import image", async () => {
    const named = await plainlyNamed(services.store, path);
    const single = services.store.temporary("single");
    const pull = (source: string) =>
      pullImage(services, source, ["--platform", platform], services.store.work);
    try {
      return await pull(`${kind}:${named}${tag === "" ? "" : `:${tag}`}`).catch(async (error: unknown) => {
        if (kind === "docker-archive" || !listsSeveral(error)) throw error;
        await singleImage(join(services.store.work, named), kind, single);
        return pull(`oci:${basename(single)}`);
      });
    } catch (error) {
      if (error instanceof EngineError) throw error;
      throw new EngineError(
        `the image can't be imported, it may be damaged or incomplete: ${error instanceof Error ? error.message : String(error)}`,
        {},
        error,
      );
    } finally {
      await rm(join(services.store.work, named), { force: true });
      await rm(single, { recursive: true, force: true });
    }
  });
}

/**
 * A name in the work directory under which the image is found. Buildah makes an image's name of a layout's
 * path, which has to be in lower case for that; and it reads an archive only when it is not compressed.
 */
async function plainlyNamed(store: Store, path: string): Promise<string> {
  const name = store.temporary("image");
  if (!statSync(path).isDirectory() && (await startsWithGzip(path))) {
    await pipeline(createReadStream(path), createGunzip(), createWriteStream(name));
  } else {
    await symlink(path, name);
  }
  return basename(name);
}

/** Names at the top of a tar, plain or gzipped. An archive of many gigabytes is read in passing, not kept. */
async function topNames(path: string): Promise<ReadonlySet<string>> {
  const names = new Set<string>();
  const file = createReadStream(path, { highWaterMark: 1 << 20 });
  const parser = extract();
  const isGzip = await startsWithGzip(path);
  const source = isGzip ? file.pipe(createGunzip()) : file;
  source.on("error", (error: Error) => parser.destroy(error));
  source.pipe(parser);
  for await (const entry of parser) {
    names.add(entry.header.name.replace(/^\.\//, ""));
    entry.resume();
    if (names.has("oci-layout") || names.has("index.json")) break;
  }
  file.destroy();
  return names;
}

async function startsWithGzip(path: string): Promise<boolean> {
  for await (const chunk of createReadStream(path, { end: 1 })) {
    return chunk instanceof Uint8Array && chunk[0] === 0x1f && chunk[1] === 0x8b;
  }
  return false;
}
