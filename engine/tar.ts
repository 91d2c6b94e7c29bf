/** Writes tars that have the same bytes for the same content: entries belong to root, times are 0. */
import { createReadStream, createWriteStream } from "node:fs";
import { stat } from "node:fs/promises";
import { pipeline } from "node:stream/promises";

import { type Header, type Pack, pack } from "tar-stream";

const plain = { mtime: new Date(0), uid: 0, gid: 0, mode: 0o644 } as const;

/** Writes what `fill` adds to `path`. */
export async function writeTar(path: string, fill: (tar: Pack) => Promise<void>): Promise<void> {
  const tar = pack();
  const filled = fill(tar).then(
    () => tar.finalize(),
    (error: unknown) => {
      tar.destroy(error instanceof Error ? error : new Error(String(error)));
      throw error;
    },
  );
  await Promise.all([pipeline(tar, createWriteStream(path)), filled]);
}

export function addBytes(
  tar: Pack,
  name: string,
  bytes: Uint8Array,
  header: Partial<Header> = {},
): Promise<void> {
  return new Promise((resolve, reject) => {
    tar.entry({ ...plain, ...header, name, size: bytes.length }, Buffer.from(bytes), (error) =>
      error ? reject(error) : resolve(),
    );
  });
}

export async function addFile(
  tar: Pack,
  name: string,
  from: string,
  header: Partial<Header> = {},
): Promise<void> {
  const entry = tar.entry({ ...plain, ...header, name, size: (await stat(from)).size });
  await pipeline(createReadStream(from, { highWaterMark: 1 << 20 }), entry);
}
