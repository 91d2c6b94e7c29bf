import { createReadStream } from "node:fs";
import { stat } from "node:fs/promises";
import { join } from "node:path";
import { pipeline } from "node:stream/promises";

import { namesIn, writeWhole, type WrittenFile } from "../../statement/files.js";

/**
 * Packs an OCI layout directory into an OCI archive: a tar of the layout's own files, sorted and without
 * times, so that the same layout gives the same bytes. The archive is written whole or not at all.
 */
export async function packLayout(directory: string, archivePath: string): Promise<WrittenFile> {
  const { pack } = await import("tar-stream");
  const names = await layoutFiles(directory);
  return writeWhole(archivePath, async (writer) => {
    const archive = pack();
    const written = (async () => {
      const chunks: AsyncIterable<unknown> = archive;
      for await (const chunk of chunks) if (chunk instanceof Uint8Array) await writer.write(chunk);
    })();
    const packed = (async () => {
      for (const name of names) {
        const path = join(directory, name);
        const { size } = await stat(path);
        await pipeline(
          createReadStream(path),
          archive.entry({ name, size, mode: 0o644, mtime: new Date(0) }),
        );
      }
      archive.finalize();
    })();
    await Promise.all([written, packed]);
  });
}

async function layoutFiles(directory: string): Promise<string[]> {
  const names = ["index.json", "oci-layout"];
  for (const algorithm of (await namesIn(join(directory, "blobs"))).sort()) {
    // What else lies there (a file manager's notes) has no such names in it.
    const blobs = await namesIn(join(directory, "blobs", algorithm));
    for (const blob of blobs.sort()) if (/^[0-9a-f]+$/.test(blob)) names.push(`blobs/${algorithm}/${blob}`);
  }
  return names;
}
