import { createReadStream, createWriteStream } from "node:fs";
import { mkdir } from "node:fs/promises";
import { basename, dirname, join } from "node:path";
import { pipeline } from "node:stream/promises";

import { AttestError } from "../error.js";

const layoutEntry = /^(?:\.\/)?(?:oci-layout|index\.json|blobs\/[a-z0-9]+\/[a-f0-9]+)$/;

/**
 * Unpacks an OCI archive (a tar of an OCI image layout) into a directory, for scanners that read
 * layouts only as directories. Entries other than the layout's own (oci-layout, index.json,
 * blobs/<algorithm>/<hex>) stay out, so that no entry can write anywhere else.
 * https://github.com/opencontainers/image-spec/blob/v1.1.1/image-layout.md
 *
 * @throws AttestError IMAGE_INVALID when it is no tar, or there is no layout in it
 */
export async function extractLayout(archivePath: string, directory: string): Promise<void> {
  const { extract } = await import("tar-stream");
  const found = new Set<string>();
  const entries = extract();
  const read = pipeline(createReadStream(archivePath), entries);
  const unpacked = (async () => {
    for await (const entry of entries) {
      const name = entry.header.name.replace(/^\.\//, "");
      if (entry.header.type !== "file" || !layoutEntry.test(entry.header.name)) {
        entry.resume();
        continue;
      }
      const path = join(directory, name);
      await mkdir(dirname(path), { recursive: true });
      await pipeline(entry, createWriteStream(path));
      found.add(name);
    }
  })();
  const [readResult, unpackResult] = await Promise.allSettled([read, unpacked]);
  if (readResult.status === "rejected") throw notAnArchive(archivePath, "no readable tar", readResult.reason);
  if (unpackResult.status === "rejected") throw unpackResult.reason;
  for (const name of ["oci-layout", "index.json"]) {
    if (!found.has(name)) throw notAnArchive(archivePath, `a tar without ${name}`);
  }
}

function notAnArchive(path: string, got: string, cause?: unknown): AttestError {
  return new AttestError("IMAGE_INVALID", "the image is no OCI archive", {
    problems: [{ path: basename(path), expected: "a tar of an OCI image layout", got }],
    ...(cause === undefined ? {} : { cause }),
  });
}
