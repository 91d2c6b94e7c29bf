/**
 * What a Sigstore instance distributes through The Update Framework: signatures, versions and expiry of its
 * metadata are checked by \@sigstore/tuf. https://theupdateframework.github.io/specification/latest/
 */
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { AttestError, errorCode } from "../error.js";

/** The repository of Sigstore's public good instance; its first root comes with the package \@sigstore/tuf. */
export const publicGoodRepository = "https://tuf-repo-cdn.sigstore.dev";

const signingConfigName = "signing_config.v0.2.json";

export type TufOptions = {
  /** URL of the repository; Sigstore's public good one unless given. */
  readonly url?: string;
  /** File with the repository's first root.json; needed for any other than the public good one. */
  readonly rootPath?: string;
  /** Directory that keeps metadata and targets between updates. Whoever can write into it is trusted. */
  readonly cachePath: string;
  /** Milliseconds until a request is given up, and how often it is made again. */
  readonly timeout?: number;
  readonly retries?: number;
};

/** What the repository distributes now, as far as its metadata is valid. */
export type TufUpdate = {
  readonly url: string;
  /** trusted_root.json, text. */
  readonly trustedRoot: string;
  /** Where signing_config.v0.2.json lies in the cache; not every instance distributes one. */
  readonly signingConfigPath?: string;
  /** Version of the metadata that lists the targets. */
  readonly version: number;
  /** The first time at which some of the metadata has to be renewed. RFC 3339, UTC. */
  readonly validUntil: string;
  /** Why the cache was taken as it is; not set where the repository answered. */
  readonly notUpdated?: string;
};

/**
 * Updates the cache from the repository and reads what Sigstore's clients need from it. Where the repository
 * can't be reached, metadata in the cache that has not expired is as good. The present is the system's clock: the
 * library takes no other.
 *
 * @throws AttestError TUF_UNAVAILABLE when the repository does not answer and the cache does not do instead;
 * TUF_INVALID when what it answers is expired, older than what was seen before, or not properly signed;
 * ARGUMENT_INVALID
 */
export async function updateFromTuf(options: TufOptions): Promise<TufUpdate> {
  const url = repositoryUrl(options.url);
  if (url !== publicGoodRepository && options.rootPath === undefined) throw missingRoot(url);
  try {
    return await readTargets(url, options, false);
  } catch (error) {
    const failure = explain(error, url);
    if (failure.code !== "TUF_UNAVAILABLE") throw failure;
    const update = await readTargets(url, { ...options, retries: 0 }, true).catch(() => undefined);
    if (update === undefined) throw failure;
    return { ...update, notUpdated: "the repository did not answer" };
  }
}

async function readTargets(url: string, options: TufOptions, forceCache: boolean): Promise<TufUpdate> {
  const { initTUF } = await import("@sigstore/tuf");
  const { rootPath, cachePath, timeout = 10_000, retries = 2 } = options;
  const tuf = await initTUF({
    mirrorURL: url,
    cachePath,
    forceCache,
    timeout,
    retry: { retries },
    ...(rootPath === undefined ? {} : { rootPath }),
  });
  const trustedRoot = await tuf.getTarget("trusted_root.json");
  const config = await tuf.getTarget(signingConfigName).catch(undefinedIfAbsent);
  const cached = join(cachePath, cacheName(url));
  return {
    url,
    trustedRoot,
    ...(config === undefined ? {} : { signingConfigPath: join(cached, "targets", signingConfigName) }),
    ...(await metadataFacts(cached)),
  };
}

function undefinedIfAbsent(error: unknown): undefined {
  if (errorCode(error) !== "TUF_FIND_TARGET_ERROR") throw error;
}

/** How \@sigstore/tuf names a repository's directory in the cache. */
function cacheName(url: string): string {
  const { host, pathname } = new URL(url);
  return encodeURIComponent(host + pathname.replace(/\/$/, ""));
}

/** The library writes metadata into the cache once it is verified. */
async function metadataFacts(directory: string): Promise<Pick<TufUpdate, "version" | "validUntil">> {
  type Metadata = { readonly signed: { readonly version: number; readonly expires: string } };
  const read = async (role: string): Promise<Metadata["signed"]> =>
    (JSON.parse(await readFile(join(directory, `${role}.json`), "utf8")) as Metadata).signed;
  const [targets, ...others] = await Promise.all([
    read("targets"),
    read("root"),
    read("timestamp"),
    read("snapshot"),
  ]);
  const expiries = [targets, ...others].map(({ expires }) => Date.parse(expires));
  return { version: targets.version, validUntil: new Date(Math.min(...expiries)).toISOString() };
}

function repositoryUrl(url: string = publicGoodRepository): string {
  const parsed = URL.canParse(url) ? new URL(url) : undefined;
  const isPlain = parsed !== undefined && parsed.search === "" && parsed.username + parsed.password === "";
  if (isPlain && /^https?:$/.test(parsed.protocol)) return url.replace(/\/+$/, "");
  throw new AttestError("ARGUMENT_INVALID", "the TUF repository can't be addressed", {
    // Not shown: it may hold credentials.
    problems: [{ path: "tufUrl", expected: "an http or https URL without credentials", got: "another text" }],
    next: `Give the directory above its metadata, as in ${publicGoodRepository}.`,
  });
}

function missingRoot(url: string): AttestError {
  return new AttestError("ARGUMENT_INVALID", `nothing says who may sign the metadata of ${url}`, {
    problems: [{ path: "tufRoot", expected: "the repository's first root.json", got: "none" }],
    next: "Take 1.root.json from whoever runs the repository, over a channel that you trust.",
  });
}

/** How tuf-js and fetch say that nothing, or nothing of use, was answered: some errors are handed on as text only. */
const unanswered = /Failed to download|fetch failed|operation was aborted/;

function explain(error: unknown, url: string): AttestError {
  const chain: Error[] = [];
  for (let at = error; at instanceof Error && chain.length < 10; at = at.cause) chain.push(at);
  const [first] = chain;
  const reason = chain.map(({ message }) => message).join(": ");
  if (unanswered.test(reason))
    return new AttestError("TUF_UNAVAILABLE", `the TUF repository ${url} does not answer`, {
      problems: [{ path: "", expected: "its signed metadata", got: reason }],
      next: "Check the network and the address, or verify offline with --trusted-root=FILE, or give a --cache of an earlier update.",
      cause: first,
    });
  return new AttestError("TUF_INVALID", `what the TUF repository ${url} answers can't be trusted`, {
    problems: [
      { path: "", expected: "metadata that is signed, current and not older than before", got: reason },
    ],
    next: "Do not use it. Ask who runs the repository; it may be out of date, or someone may stand between.",
    cause: first,
  });
}
