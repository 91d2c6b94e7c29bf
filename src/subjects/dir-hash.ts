/**
 * Go's dirhash Hash1 with paths relative to the directory, in hex as in-toto writes it.
 * https://pkg.go.dev/golang.org/x/mod/sumdb/dirhash#Hash1 and
 * https://github.com/in-toto/attestation/blob/main/spec/v1/digest_set.md
 */
import { createHash } from "node:crypto";

import { shown, type BytePath } from "./directory-walk.js";

/** Builds the hash; files come ordered by the bytes of their path. */
export type DirHashBuilder = {
  /** `sha256` is the digest of the file's content in lower-case hex. */
  addFile(path: BytePath, sha256: string): void;
  /** Go's tool fails on the directory; the first reason is kept. */
  fail(reason: string): void;
  /** The hash in lower-case hex, or why Go's tool can't compute it. */
  finish(): { readonly id: string } | { readonly reason: string };
};

export function dirHashBuilder(): DirHashBuilder {
  const hash = createHash("sha256");
  let failure: string | undefined;
  const fail = (reason: string) => {
    failure ??= reason;
  };
  return {
    fail,
    addFile: (path, sha256) => {
      if (path.includes("\n")) fail(`the name ${JSON.stringify(shown(path))} contains a newline`);
      hash.update(Buffer.from(`${sha256}  ${path}\n`, "latin1"));
    },
    finish: () => (failure === undefined ? { id: hash.digest("hex") } : { reason: failure }),
  };
}
