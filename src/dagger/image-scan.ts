/** Scans of an image that is there already: their subject is the manifest that the registry or layout holds. */
import { join } from "node:path";

import { packLayout } from "../oci/layout/archive.js";
import { extractPlatform } from "../oci/copy/platform.js";
import { isInline } from "../oci/attach/layouts.js";
import type { ContentStore } from "../oci/store.js";
import { systemTiming } from "../oci/timing.js";
import { AttestError } from "../error.js";
import { subjectOf } from "../subjects/digests.js";
import type { AttestLayout } from "./enums.js";
import { returnedDirectory, returnedFile, scratchDirectory } from "./files.js";
import type { SbomArguments } from "./sbom.js";
import type { ScanTarget } from "./scan.js";
import { isSigned, type SigningArguments } from "./sign.js";

/** One platform of an image, as what a scanner looks into. It comes through our own client, so whatever reads the image can scan it. */
export function imageTarget(store: ContentStore, digest: string, imageName: string): ScanTarget {
  return {
    source: "image",
    name: (asked) => Promise.resolve(asked || imageName),
    describe: (name) => Promise.resolve({ subjects: [subjectOf(name, [digest])], notes: [] }),
    mount: async (scanner, path, input) => {
      const layout = await extract(store, digest);
      if (input === "oci-layout") return scanner.withMountedDirectory(path, returnedDirectory(layout));
      const archive = join(await scratchDirectory(), "image.oci.tar");
      await packLayout(layout, archive);
      return scanner.withMountedFile(path, returnedFile(archive));
    },
  };
}

async function extract(store: ContentStore, digest: string): Promise<string> {
  const directory = join(await scratchDirectory(), "layout");
  await extractPlatform(store, digest, directory, {
    timing: systemTiming(),
    waiting: await scratchDirectory(),
  });
  return directory;
}

export type SbomKind = Pick<SbomArguments, "scanner" | "format" | "created">;

/** An image is none of what a pipeline has in its hands. */
export const noTarget = { container: undefined, directory: undefined, file: undefined };

/** Before anything is scanned: without a signature there is one layout only that takes the result. */
export function assertSignature(given: SigningArguments, layout: AttestLayout): void {
  if (isSigned(given) || isInline(layout)) return;
  throw new AttestError("ARGUMENT_INVALID", "an attestation has to be signed before it is attached", {
    problems: [{ path: "", expected: "key, identityToken or tokenRequestUrl", got: "none of them" }],
    next: "Give one; without, only BUILDKIT_ARTIFACT and BUILDKIT_IMAGE hold it.",
  });
}
