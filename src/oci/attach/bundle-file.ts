import { basename } from "node:path";

import { AttestError } from "../../error.js";
import { fileSource, sha256Of, type ByteSource } from "../../signing/source.js";
import { readSignedContent, type AttestationContent } from "../content.js";
import type { Descriptor } from "../descriptor.js";
import { sigstoreBundlePrefix } from "../media-types.js";

/** A bundle on disk, ready to be attached. */
export type BundleFile = {
  readonly path: string;
  readonly source: ByteSource;
  /** Of the file's bytes, with the bundle's own media type. */
  readonly descriptor: Descriptor;
  readonly content: AttestationContent;
};

const mediaTypes = {
  "sigstore-0.1": `${sigstoreBundlePrefix}+json;version=0.1`,
  "sigstore-0.2": `${sigstoreBundlePrefix}+json;version=0.2`,
  "sigstore-0.3": `${sigstoreBundlePrefix}.v0.3+json`,
};

/**
 * Reads the file of one Sigstore bundle.
 * @throws AttestError ARGUMENT_INVALID for a bare envelope; else what is wrong with the bundle
 */
export async function readBundleFile(path: string): Promise<BundleFile> {
  const { source, digest } = await hashedFile(path);
  const content = await readSignedContent(source).catch((error: unknown) => {
    throw error instanceof AttestError ? inFile(basename(path), error) : error;
  });
  const format = content.signed?.format ?? "dsse";
  if (format === "dsse") {
    throw new AttestError(
      "ARGUMENT_INVALID",
      `${basename(path)} is a bare DSSE envelope, not a Sigstore bundle`,
      {
        next: "Attach it in the layout of older cosign versions, which holds envelopes, or sign it again.",
      },
    );
  }
  return { path, source, descriptor: { mediaType: mediaTypes[format], digest, size: source.size }, content };
}

/** Several may be attached at once: which one is it? */
function inFile(name: string, error: AttestError): AttestError {
  const { code, summary, problems, next } = error;
  return new AttestError(code, `${name}: ${summary}`, { problems, next, cause: error });
}

/** A file and its digest. */
export async function hashedFile(
  path: string,
): Promise<{ readonly source: ByteSource; readonly digest: string }> {
  const source = await fileSource(path);
  return { source, digest: `sha256:${(await sha256Of(source)).toString("hex")}` };
}
