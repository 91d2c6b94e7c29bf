import { AttestError } from "../../error.js";
import { mayHoldAttestations } from "../media-types.js";
import { pushWithBlobs, type ContentStore } from "../store.js";
import { bytesSource } from "../../signing/source.js";
import { readFallback } from "../fallback.js";
import type { Descriptor } from "../descriptor.js";
import { writtenEntry } from "../list-text.js";
import { atOnce } from "../limits.js";
import { mapParallel } from "../../parallel.js";
import type { Timing } from "../timing.js";
import { passMalformed } from "../verified.js";
import type { BundleFile } from "./bundle-file.js";
import { bundleManifest, bundleReferrer, emptyConfig, emptyConfigBytes } from "./bundle-manifest.js";
import { addToFallback } from "./fallback.js";

export type AttachOptions = {
  /** The time that the manifests say they were made, RFC 3339 in UTC: the same time gives the same digests. */
  readonly created: string;
  readonly timing: Timing;
};

/** What became of one bundle at one subject. */
export type AttachedBundle = {
  /** Path of the bundle's file. */
  readonly bundle: string;
  /** Digest of the manifest or index that it is attached to. */
  readonly subject: string;
  /** The manifest that holds it. */
  readonly manifest: Descriptor;
  /** `present`: it was attached already, and nothing was written. */
  readonly outcome: "attached" | "present";
};

/**
 * Attaches bundles to a manifest or index as OCI 1.1 referrers, the way cosign v3 does; where the registry
 * has no referrers API, also in the index at the fallback tag. The subject itself does not change. What is
 * attached already, at whatever time, is left as it is. Safe beside other writers.
 * https://github.com/opencontainers/distribution-spec/blob/v1.1.1/spec.md#pushing-manifests-with-subject
 */
export async function attachBundles(
  store: ContentStore,
  subject: Descriptor,
  bundles: readonly BundleFile[],
  options: AttachOptions,
): Promise<AttachedBundle[]> {
  if (bundles.length === 0) return [];
  const fromApi = await store.referrers(subject.digest);
  const listed = fromApi?.manifests ?? (await readFallback(store, subject.digest));
  const present = await presentBundles(store, subject, listed, bundles);
  const missing = [...new Map(bundles.map((one) => [one.descriptor.digest, one])).values()].filter(
    ({ descriptor }) => !present.has(descriptor.digest),
  );
  const added = await pushReferrers(store, subject, missing, options.created);
  const descriptors = [...added.values()];
  if (descriptors.length > 0) {
    if (fromApi !== undefined) await store.announce(descriptors.map(writtenEntry));
    const unlisted = fromApi === undefined ? descriptors : await missingFrom(store, subject, descriptors);
    const entries = unlisted.map(writtenEntry);
    if (entries.length > 0) await addToFallback(store, subject.digest, entries, options.timing);
  }
  return bundles.flatMap(({ path, descriptor: { digest } }) => {
    const manifest = added.get(digest) ?? present.get(digest);
    if (manifest === undefined) return [];
    const outcome = added.has(digest) ? ("attached" as const) : ("present" as const);
    return [{ bundle: path, subject: subject.digest, manifest, outcome }];
  });
}

/** What the referrers API does not list though it was stored: some registries answer, and know no subjects. */
async function missingFrom(
  store: ContentStore,
  subject: Descriptor,
  stored: readonly Descriptor[],
): Promise<readonly Descriptor[]> {
  // A layout lists what was announced to it.
  if (store.location === undefined) return [];
  const listed = new Set((await store.referrers(subject.digest))?.manifests.map(({ digest }) => digest));
  return stored.filter(({ digest }) => !listed.has(digest));
}

/** Bundles that are attached already, by digest, with the manifests that hold them. */
async function presentBundles(
  store: ContentStore,
  subject: Descriptor,
  listed: readonly Descriptor[],
  bundles: readonly BundleFile[],
): Promise<Map<string, Descriptor>> {
  const present = new Map<string, Descriptor>();
  if (listed.length === 0) return present;
  // A bundle whose blob is not in the repository can't be attached: no manifest need be opened for it.
  const isStored = await mapParallel(bundles, atOnce, ({ descriptor }) => store.hasBlob(descriptor.digest));
  const wanted = new Set(bundles.filter((_, at) => isStored[at]).map(({ descriptor }) => descriptor.digest));
  if (wanted.size === 0) return present;
  const candidates = listed.filter(({ artifactType = "" }) => mayHoldAttestations(artifactType));
  await mapParallel(candidates, atOnce, async (descriptor) => {
    if (present.size === wanted.size) return;
    const stored = await store.fetchManifest(descriptor.digest).catch(passMalformed);
    if (stored?.content.kind !== "manifest" || stored.content.subject?.digest !== subject.digest) return;
    for (const { digest } of stored.content.layers)
      if (wanted.has(digest)) present.set(digest, stored.descriptor);
  });
  return present;
}

/** Stores bundles and their manifests; returns the manifests by the bundles' digests. */
async function pushReferrers(
  store: ContentStore,
  subject: Descriptor,
  bundles: readonly BundleFile[],
  created: string,
): Promise<Map<string, Descriptor>> {
  if (bundles.length === 0) return new Map();
  const pushConfig = () => store.pushBlob(emptyConfig, bytesSource(emptyConfigBytes));
  if (!(await store.hasBlob(emptyConfig.digest))) await pushConfig();
  const pushed = await mapParallel(bundles, atOnce, async (bundle): Promise<[string, Descriptor]> => {
    await store.pushBlob(bundle.descriptor, bundle.source);
    const manifest = bundleManifest(bundle, subject, created);
    await pushWithBlobs(store, manifest, pushConfig).catch((error: unknown) => {
      throw referrerRefused(error, store.name);
    });
    return [bundle.descriptor.digest, bundleReferrer(manifest, bundle, created)];
  });
  return new Map(pushed);
}

/** A registry that takes no such manifest says so with 400 or 415, in as many words as there are registries. */
function referrerRefused(error: unknown, to: string): unknown {
  if (!(error instanceof AttestError)) return error;
  const isFormat = error.problems.some(({ got }) => /^(?:400|415)\b(?!.*_UNKNOWN)/.test(got));
  if (!isFormat || error.code !== "REGISTRY_RESPONSE_INVALID") return error;
  return new AttestError(error.code, `${to} does not take a manifest that refers to another one`, {
    problems: error.problems,
    next: "It may not know manifests of OCI 1.1: attach in the layout of older cosign versions (COSIGN_TAG).",
    cause: error,
  });
}
