import { writeFile } from "node:fs/promises";
import { join, relative } from "node:path";

import { func, object, type Directory, type File } from "@dagger.io/dagger";

import { AttestError } from "../error.js";
import { updateFromTuf, type TufUpdate } from "../verification/tuf.js";
import { localDirectory, localFile, returnedDirectory, returnedFile, scratchDirectory } from "./files.js";

/** The trusted root of a Sigstore instance as its TUF repository distributes it now. */
@object()
export class AttestTrustedRoot {
  /** The trusted root (JSON): for `--trusted-root` of `verify`, and for cosign and gh. */
  @func()
  asFile: File;

  /** Metadata and targets of the repository: given back as `cache`, an update is made on top of it. */
  @func()
  cache: Directory;

  /** Address of the TUF repository. */
  @func()
  repository: string;

  /** Version of the repository's list of targets. */
  @func()
  version: number;

  /** The first time at which some of the repository's metadata has to be renewed: RFC 3339, UTC. */
  @func()
  validUntil: string;

  /** Where it is from, its version, until when it is valid, and whether the repository answered: one sentence. */
  @func()
  summary: string;

  /** Name of the signing config's file within the working directory; "" where the repository has none. */
  signingConfigPath: string;

  constructor(
    asFile: File,
    cache: Directory,
    repository: string,
    version: number,
    validUntil: string,
    summary: string,
    signingConfigPath: string,
  ) {
    this.asFile = asFile;
    this.cache = cache;
    this.repository = repository;
    this.version = version;
    this.validUntil = validUntil;
    this.summary = summary;
    this.signingConfigPath = signingConfigPath;
  }

  /**
   * The instance's signing config (v0.2, JSON): for `--signing-config` of `sign`.
   * TUF_INVALID where the repository distributes none.
   */
  @func()
  signingConfig(): File {
    if (this.signingConfigPath !== "") return this.cache.file(this.signingConfigPath);
    throw new AttestError("TUF_INVALID", `${this.repository} distributes no signing config`, {
      next: "Give the services of the instance by their URLs.",
    });
  }
}

export type TrustedRootArguments = {
  readonly tufUrl: string | undefined;
  readonly tufRoot: File | undefined;
  readonly cache: Directory | undefined;
};

/** Updates from the repository, on top of what was fetched before. */
export async function fetchTrustedRoot({
  tufUrl,
  tufRoot,
  cache,
}: TrustedRootArguments): Promise<AttestTrustedRoot> {
  const cachePath = cache ? await localDirectory(cache) : join(await scratchDirectory(), "tuf");
  const update = await updateFromTuf({
    cachePath,
    ...(tufUrl ? { url: tufUrl } : {}),
    ...(tufRoot ? { rootPath: await localFile(tufRoot) } : {}),
  });
  const path = join(await scratchDirectory(), "trusted_root.json");
  await writeFile(path, update.trustedRoot);
  const { url, version, validUntil, signingConfigPath } = update;
  return new AttestTrustedRoot(
    returnedFile(path),
    returnedDirectory(cachePath),
    url,
    version,
    validUntil,
    describeUpdate(update, new Date()),
    signingConfigPath === undefined ? "" : relative(cachePath, signingConfigPath),
  );
}

function describeUpdate({ url, version, validUntil, notUpdated }: TufUpdate, now: Date): string {
  const time = now.toISOString();
  const state = notUpdated === undefined ? `updated ${time}` : `not updated ${time}: ${notUpdated}`;
  return `The trusted root of ${url}, version ${version} of its targets, valid until ${validUntil}; ${state}.`;
}
