/** https://github.com/opencontainers/distribution-spec/blob/v1.1.1/spec.md#pulling-manifests */
import { AttestError } from "../../error.js";
import { bytesSource } from "../../signing/source.js";
import type { Descriptor } from "../descriptor.js";
import { digestOf, isDigest, isDigestOf } from "../digest.js";
import { ownMediaType, readManifest, type StoredManifest } from "../manifest.js";
import { acceptedManifests, indexTypes, manifestTypes } from "../media-types.js";
import type { NewManifest } from "../store.js";
import { assertContent, assertWithin } from "../verified.js";
import { invalidAnswer, isWebPage } from "./answer.js";
import { withoutHead } from "./blobs.js";
import { urlIn, type Repository } from "./repository.js";
import type { Call } from "./session.js";
import type { HttpResponse } from "./transport.js";

/** The manifest at a tag or digest; undefined when there is none. */
export async function fetchManifest(
  repository: Repository,
  reference: string,
): Promise<StoredManifest | undefined> {
  const { session, shown } = repository;
  const { manifestBytes } = session.limits;
  const call = manifestCall(repository, "GET", reference);
  const { response, bytes } = await session.read(call, [200, 404], manifestBytes).catch((error: unknown) => {
    throw isDeniedTag(error, reference) ? deniedTag(repository, reference, error) : error;
  });
  if (response.status === 404) return undefined;
  const what = `${shown} at ${reference}`;
  const size = bytes.length;
  const digest = isDigest(reference) ? reference : digestOf(bytes);
  if (isWebPage(bytes) && !isDigestOf(digest, bytes)) throw invalidAnswer(what, "a manifest", "a web page");
  assertContent(bytes, { mediaType: "", digest, size }, shown);
  const mediaType = announcedType(response) ?? (isDigest(reference) ? ownMediaType : typeOf)(bytes, what);
  const descriptor = { mediaType, digest, size };
  const announced = response.header("docker-content-digest") ?? digest;
  const content = readManifest(bytes, mediaType, session.limits, what);
  const isRight = announced === digest || isDigestOf(announced, bytes);
  return { descriptor, bytes, content, ...(isRight ? {} : { announced }) };
}

function isDeniedTag(error: unknown, reference: string): error is AttestError {
  return error instanceof AttestError && error.code === "REGISTRY_DENIED" && /^sha\d{3}-/.test(reference);
}

/** A tag that names what is attached: whether there is any can't be told then. */
function deniedTag({ shown }: Repository, tag: string, cause: AttestError): AttestError {
  return new AttestError("REGISTRY_DENIED", `${shown} does not tell whether anything is attached at ${tag}`, {
    problems: cause.problems.map(({ got }) => ({
      path: "status",
      expected: "200, or 404 for no such tag",
      got,
    })),
    next: "Use credentials that may read the whole repository: Artifactory answers 403 for what is not there to those who may not.",
    cause,
  });
}

/**
 * What a tag or digest names: by a HEAD where that tells all, else by fetching it. Of a tag it never does: its digest is
 * believed only when the content is hashed.
 */
export async function resolveManifest(
  repository: Repository,
  reference: string,
): Promise<Descriptor | undefined> {
  if (!isDigest(reference)) return (await fetchManifest(repository, reference))?.descriptor;
  const call = manifestCall(repository, "HEAD", reference);
  const response = await repository.session.expect(call, [200, 404, ...withoutHead]);
  response.discard();
  if (response.status === 404) return undefined;
  const mediaType = announcedType(response);
  const size = response.header("content-length") ?? "";
  if (response.status === 200 && mediaType !== undefined && /^[1-9]\d{0,14}$/.test(size)) {
    return { mediaType, digest: reference, size: Number(size) };
  }
  return (await fetchManifest(repository, reference))?.descriptor;
}

/** Stores a manifest by its digest, or at a tag. */
export async function pushManifest(
  repository: Repository,
  manifest: NewManifest,
  reference: string,
  retry = true,
): Promise<void> {
  const { session, push, shown } = repository;
  assertWithin(manifest.descriptor, session.limits.manifestBytes);
  const call: Call = {
    method: "PUT",
    url: urlIn(repository, "manifests", reference),
    headers: { "content-type": manifest.descriptor.mediaType },
    body: bytesSource(manifest.bytes),
    scope: push,
    retry,
  };
  const response = await pushed(repository, call);
  response.discard();
  const stored = response.header("docker-content-digest");
  // In another algorithm, or in capitals, it is the same content.
  if (stored === undefined || isDigestOf(stored.toLowerCase(), manifest.bytes)) return;
  throw new AttestError("DIGEST_MISMATCH", `${shown} stored a manifest under another digest`, {
    problems: [{ path: reference, expected: manifest.descriptor.digest, got: JSON.stringify(stored) }],
    next: "Don't rely on what was stored; ask who runs the registry.",
  });
}

const mostPushes = 4;

/**
 * Distribution may not see a blob for a moment while another client stores the same one, and registries of several
 * machines a manifest that another one has taken.
 */
async function pushed({ session }: Repository, call: Call): Promise<HttpResponse> {
  for (let attempt = 1; ; attempt += 1) {
    try {
      return await session.expect(call, [200, 201, 202, 204]);
    } catch (error) {
      const isUnknown = error instanceof AttestError && /(?:BLOB|MANIFEST)_UNKNOWN\b/.test(error.message);
      if (!isUnknown || attempt >= mostPushes) throw error;
      await session.pause(attempt, call, new Error(error.message));
    }
  }
}

function manifestCall(repository: Repository, method: "GET" | "HEAD", reference: string): Call {
  return {
    method,
    url: urlIn(repository, "manifests", reference),
    headers: { accept: acceptedManifests },
    scope: repository.pull,
  };
}

/** Registries that don't know a type announce a general one. */
function announcedType(response: HttpResponse): string | undefined {
  const type = (response.header("content-type") ?? "").split(";")[0]?.trim().toLowerCase() ?? "";
  return [...indexTypes, ...manifestTypes].includes(type) ? type : undefined;
}

/** What is at a tag was checked by no digest: it may be no manifest at all. */
function typeOf(bytes: Buffer, what: string): string {
  try {
    return ownMediaType(bytes, what);
  } catch (cause) {
    throw invalidAnswer(what, "a manifest", isWebPage(bytes) ? "a web page" : "no JSON", cause);
  }
}
