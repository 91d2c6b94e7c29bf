import { createHash } from "node:crypto";
import { createReadStream } from "node:fs";

/** Digests of a file's content in lower-case hex. */
export type FileDigests = { readonly sha256: string; readonly sha512: string };

const chunkBytes = 1024 * 1024;

/** Reads the file once, in pieces, and returns both digests of its content. */
export async function fileDigests(path: string): Promise<FileDigests> {
  const sha256 = createHash("sha256");
  const sha512 = createHash("sha512");
  const content: AsyncIterable<Buffer> = createReadStream(path, { highWaterMark: chunkBytes });
  for await (const chunk of content) {
    sha256.update(chunk);
    sha512.update(chunk);
  }
  return { sha256: sha256.digest("hex"), sha512: sha512.digest("hex") };
}
