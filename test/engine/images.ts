/** Images for the engine's tests: with a shell of this machine, so that something can run in them. */
import { join } from "node:path";

import { imageArchive, type ImageFiles } from "../support/images.js";
import { run } from "./engine.js";

/** A shell, `cat` and `sleep` with the libraries that they need. */
export async function shellFiles(): Promise<ImageFiles> {
  const programs = ["/bin/sh", "/bin/cat", "/bin/sleep"];
  const { stdout } = await run("ldd", programs);
  const libraries = [...stdout.matchAll(/(\/lib\S+) \(0x/g)].map(([, path = ""]) => path);
  const paths = [...programs, ...new Set(libraries)];
  return Object.fromEntries(paths.map((path) => [path.slice(1), { from: path }]));
}

export async function shellImage(directory: string): Promise<string> {
  return imageArchive(join(directory, "shell.tar"), {
    ...(await shellFiles()),
    "etc/passwd": "root:x:0:0:root:/root:/bin/sh\n",
    "tmp/keep": "",
  });
}

export type ReadImage = {
  readonly index: {
    readonly manifests: readonly { digest: string; mediaType: string; platform?: unknown }[];
  };
  /** A document of the image by its digest. */
  document(digest: string): Promise<Record<string, unknown>>;
};

/** Reads an image archive through tar, not through anything of ours. */
export async function readImage(archive: string): Promise<ReadImage> {
  const entry = async (name: string): Promise<unknown> =>
    JSON.parse((await run("tar", ["-xOf", archive, name], { maxBuffer: 1 << 26 })).stdout);
  return {
    index: (await entry("index.json")) as ReadImage["index"],
    document: async (digest) => (await entry(`blobs/${digest.replace(":", "/")}`)) as Record<string, unknown>,
  };
}
