import { bareDescriptor } from "../descriptor.js";
import { ociLimits, type OciLimits } from "../limits.js";
import type { ContentStore } from "../store.js";
import type { Timing } from "../timing.js";
import { hasBlob, openBlob } from "./blobs.js";
import type { Credentials } from "./credentials.js";
import { endpointOf, type Protocol } from "./endpoint.js";
import { tellingTls } from "./expects-tls.js";
import { listReferrers, listTags } from "./lists.js";
import { fetchManifest, pushManifest, resolveManifest } from "./manifests.js";
import type { ProxyVariables } from "./proxy.js";
import { repositoryOf } from "./repository.js";
import { retryOptions, type RetryOptions } from "./retry.js";
import { openSession } from "./session.js";
import { viaOf } from "./via.js";
import { createTransport, transportOptions, type HttpTransport } from "./transport.js";
import { pushBlob, uploadOptions, type UploadHabits, type UploadOptions } from "./upload.js";

export type RegistryOptions = {
  readonly timing: Timing;
  readonly credentials?: Credentials;
  /** `auto` speaks plain http to this machine only. */
  readonly protocol?: Protocol;
  /** Host and port to connect to, where they differ from the registry's name: it is known by its name all the same. */
  readonly via?: string;
  /** PEM certificates of authorities to trust beside those that Node trusts. */
  readonly ca?: string;
  /** Proxies to go over, as `proxiesIn` finds them. */
  readonly proxies?: ProxyVariables;
  readonly limits?: OciLimits;
  readonly retry?: RetryOptions;
  readonly upload?: UploadOptions;
  /** How requests are sent; for tests, and to share connections between repositories. */
  readonly transport?: HttpTransport;
};

/**
 * Opens a repository of a registry (distribution-spec 1.1). Nothing is asked before the first use.
 * https://github.com/opencontainers/distribution-spec/blob/v1.1.1/spec.md
 *
 * @param reference registry and repository, as `parseImageReference` gives them
 * @throws AttestError REFERENCE_INVALID when the registry is no address
 */
export async function openRegistry(
  reference: { readonly registry: string; readonly repository: string },
  options: RegistryOptions,
): Promise<ContentStore> {
  const { registry, repository: name } = reference;
  const { timing, ca, credentials, proxies } = options;
  const limits = options.limits ?? ociLimits;
  const endpoint = endpointOf(registry, options.protocol ?? "auto", ca !== undefined);
  const send =
    options.transport ??
    (await createTransport({
      ...transportOptions,
      ...(ca === undefined ? {} : { ca }),
      ...(proxies === undefined ? {} : { proxies }),
      ...(options.via === undefined ? {} : { via: viaOf(endpoint, options.via) }),
    }));
  const retry = options.retry ?? retryOptions;
  const session = openSession({
    endpoint,
    send: tellingTls(send),
    retry,
    timing,
    limits,
    ...(credentials === undefined ? {} : { credentials }),
  });
  const repository = repositoryOf(session, registry, name);
  const habits: UploadHabits = {};
  return {
    name: repository.shown,
    limits,
    location: { registry, repository: name },
    slowest: () => session.slowest(),
    fetchManifest: (wanted) => fetchManifest(repository, wanted),
    resolve: (wanted) => resolveManifest(repository, wanted),
    pushManifest: (manifest, tag) => pushManifest(repository, manifest, tag ?? manifest.descriptor.digest),
    moveTag: (manifest, tag) => pushManifest(repository, manifest, tag, false),
    hasBlob: (digest) => hasBlob(repository, digest),
    openBlob: (descriptor) => Promise.resolve(openBlob(repository, bareDescriptor(descriptor))),
    pushBlob: (descriptor, content, mountFrom) =>
      pushBlob(repository, descriptor, content, mountFrom, habits, options.upload ?? uploadOptions),
    referrers: (digest) => listReferrers(repository, digest),
    // A registry lists what it was given by its subject.
    announce: () => Promise.resolve(),
    retire: () => Promise.resolve(),
    tags: () => listTags(repository),
  };
}
