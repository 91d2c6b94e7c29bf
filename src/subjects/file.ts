import { createHash } from "node:crypto";

import { pieces, withFile } from "../statement/files.js";

/** Digests of a file's content in lower-case hex. */
export type FileDigests = { readonly sha256: string; readonly sha512: string };

/**
 * Reads the file once, in pieces, and returns both digests of its content.
 * @throws AttestError ARGUMENT_INVALID when it can't be opened or is no regular file.
 */
export async function fileDigests(path: string): Promise<FileDigests> {
  return withFile(path, async (file, size) => {
    const sha256 = createHash("sha256");
    const sha512 = createHash("sha512");
    for await (const piece of pieces(file, { start: 0, end: size })) {
      sha256.update(piece);
      sha512.update(piece);
    }
    return { sha256: sha256.digest("hex"), sha512: sha512.digest("hex") };
  });
}
