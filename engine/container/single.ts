/** The image of a layout that lists more than that one, such as what is attached to it. */
import { mkdir, symlink, writeFile } from "node:fs/promises";
import { join } from "node:path";

import { AttestError } from "../../src/error.js";
import { layoutImage } from "../../src/oci/layout/image.js";
import { openLayout } from "../../src/oci/layout/open.js";
import { systemTiming } from "../../src/oci/timing.js";
import { extractLayout } from "../../src/sbom/layout.js";
import { CommandError } from "../buildah/command.js";
import { EngineError } from "../graph/error.js";

/** What Buildah says of a layout that lists more than one manifest. */
export function listsSeveral(error: unknown): boolean {
  return error instanceof CommandError && /more than one image/i.test(error.output);
}

/**
 * Makes a layout of its one image alone.
 * @param path of a layout, or of an archive of one
 * @throws EngineError when several images could be meant
 */
export async function singleImage(path: string, kind: "oci" | "oci-archive", made: string): Promise<void> {
  await mkdir(made, { recursive: true });
  const directory = kind === "oci" ? path : join(made, "whole");
  if (kind === "oci-archive") await extractLayout(path, directory);
  const store = await openLayout(directory, { timing: systemTiming(), name: "the layout" });
  const { digest } = await layoutImage(directory, store, undefined).catch(refuse);
  const manifests = [await store.resolve(digest)];
  for (const name of ["oci-layout", "blobs"]) await symlink(join(directory, name), join(made, name));
  await writeFile(join(made, "index.json"), JSON.stringify({ schemaVersion: 2, manifests }));
}

function refuse(error: unknown): never {
  if (!(error instanceof AttestError) || error.code !== "ARGUMENT_INVALID") throw error;
  const got = error.problems.map((problem) => problem.got).join(", ");
  throw new EngineError(
    `the layout holds several images (${got}), and a container is one: copy the one that is meant to a layout of its own`,
    {},
    error,
  );
}
