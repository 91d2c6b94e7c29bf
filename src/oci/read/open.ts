/** Opens what was found, and says of what is no attestation of the image why. */
import { join } from "node:path";

import { AttestError, formatProblem } from "../../error.js";
import type { ByteSource } from "../../signing/source.js";
import { keepBlob, type Room } from "../blob.js";
import { isAbout, readBareContent, readSignedContent, type AttestationContent } from "../content.js";
import { reasonOfEntry, type Descriptor } from "../descriptor.js";
import { platformOf, type ResolvedImage } from "../image.js";
import { assertCount } from "../limits.js";
import type { ImageManifest, StoredManifest } from "../manifest.js";
import { dsseEnvelope, inTotoStatement, sigstoreBundlePrefix } from "../media-types.js";
import type { ContentStore } from "../store.js";
import { isWrongSize } from "../verified.js";
import type { Candidate } from "./find.js";
import { shownText } from "./shown.js";
import type { Attachment, Skipped } from "./types.js";

export type Opened = { readonly attachments: readonly Attachment[]; readonly skipped: readonly Skipped[] };

/**
 * Reads one manifest and every attestation in it.
 * @param directory where the bytes of those go that don't stay in memory, one file for each digest
 * @param room what may be kept in memory and in files
 * @throws AttestError when it can't be read: REGISTRY_FAILED, REGISTRY_DENIED, REGISTRY_RESPONSE_INVALID, or
 * DIGEST_MISMATCH for other content than what was asked for; whatever is wrong with the content is `skipped`
 */
export async function openCandidate(
  store: ContentStore,
  image: ResolvedImage,
  candidate: Candidate,
  directory: string,
  room: Room,
): Promise<Opened> {
  const { place, subject, digest } = candidate;
  const skip = (reason: string, at = digest): Opened => ({
    attachments: [],
    skipped: [{ place, subject, digest: at, reason, isUnread: false }],
  });
  const stored = await attempt(() => store.fetchManifest(digest));
  if ("reason" in stored) return skip(stored.reason);
  if (stored.value === undefined) return skip("it is listed, but not there");
  const manifest = attestationManifest(stored.value, candidate);
  if (typeof manifest === "string") return skip(manifest);
  const layers = manifest.layers.filter(({ mediaType }) => formOf(mediaType) !== undefined);
  const malformed = manifest.malformed.map((entry): Skipped => {
    return { place, subject, digest, reason: reasonOfEntry(entry), isUnread: true };
  });
  if (layers.length + malformed.length === 0) return skip(`it holds ${typesIn(manifest)}, no attestation`);
  const opened: Opened[] = [{ attachments: [], skipped: malformed }];
  for (const layer of layers) {
    takeRoom(room, layer, store);
    const read = await attempt(() => readLayer(store, image, candidate, manifest, layer, directory, room));
    opened.push(
      "reason" in read ? skip(read.reason, layer.digest) : { attachments: read.value, skipped: [] },
    );
  }
  return {
    attachments: opened.flatMap((one) => one.attachments),
    skipped: opened.flatMap((one) => one.skipped),
  };
}

/** Not a reason to skip: large ones would hide those that come after them. */
function takeRoom(room: Room, { size }: Descriptor, { limits, name }: ContentStore): void {
  if (size > limits.attestationBytes) return;
  room.files -= size;
  assertCount(limits.listedBytes - room.files, limits.listedBytes, `the attestations in ${name} in bytes`);
}

/** The manifest, or why it is not one that may be believed to belong here. */
function attestationManifest(
  { content }: StoredManifest,
  { place, subject }: Candidate,
): ImageManifest | string {
  if (content.kind === "index") return "it is an index";
  const own = content.subject?.digest;
  const mustRefer = place === "referrer" || place === "fallback-tag";
  if (own === undefined && mustRefer) return "it is listed as a referrer, but refers to nothing";
  if (own !== undefined && own !== subject) return `it refers to ${own}, something else`;
  return content;
}

function typesIn({ layers }: ImageManifest): string {
  if (layers.length === 0) return "nothing";
  return [...new Set(layers.map(({ mediaType }) => shownText(mediaType)))].slice(0, 5).join(", ");
}

function formOf(mediaType: string): "signed" | "bare" | undefined {
  if (mediaType.startsWith(sigstoreBundlePrefix) || mediaType === dsseEnvelope || /\+dsse$/.test(mediaType))
    return "signed";
  return mediaType === inTotoStatement || /^application\/vnd\.in-toto\.[^+]+\+json$/.test(mediaType)
    ? "bare"
    : undefined;
}

async function readLayer(
  store: ContentStore,
  image: ResolvedImage,
  { place, subject, digest }: Candidate,
  manifest: ImageManifest,
  layer: Descriptor,
  directory: string,
  room: Room,
): Promise<Attachment[]> {
  const path = join(directory, layer.digest.replace(":", "-"));
  const kept = await keepBlob(store, layer, path, store.limits.attestationBytes, room);
  const content = await readContent(kept.source, layer.mediaType);
  const annotations = layer.annotations ?? {};
  return aboutDigests(content, subject, image).map((about) => ({
    subject: about,
    platform: platformOf(image, about),
    places: [place],
    form: content.form,
    isSigned: content.form !== "statement",
    header: content.header,
    statementSha256: content.statementSha256,
    manifest: digest,
    content: layer,
    ...kept,
    ...(content.signed === undefined ? {} : { signed: content.signed }),
    annotations,
    remarks: contradictions(content.header.predicateType, { ...manifest.annotations, ...annotations }),
  }));
}

/** The media type says how to begin; a signed envelope may stand where a bare statement is announced. */
async function readContent(source: ByteSource, mediaType: string): Promise<AttestationContent> {
  if (formOf(mediaType) === "signed") return readSignedContent(source);
  try {
    return await readBareContent(source);
  } catch (error) {
    return await readSignedContent(source).catch(() => {
      throw error;
    });
  }
}

const imageSignature = "https://sigstore.dev/cosign/sign/v1";

/** What of the image the statement is about: what it is attached to, the image around that, its platforms; at least one. */
function aboutDigests({ header }: AttestationContent, attachedTo: string, image: ResolvedImage): string[] {
  if (header.predicateType === imageSignature)
    throw new AttestError("STATEMENT_INVALID", "it is the image's signature, no attestation");
  const root = image.root.descriptor.digest;
  const related = attachedTo === root ? image.platforms.map(({ descriptor }) => descriptor.digest) : [root];
  const about = [...new Set([attachedTo, ...related])].filter((digest) => isAbout(header, digest));
  if (about.length > 0) return about;
  const digests = header.subjects.map(({ digest }) =>
    Object.entries(digest)
      .map((pair) => pair.join(":"))
      .join(" "),
  );
  throw new AttestError("STATEMENT_INVALID", "its statement is about something else", {
    problems: [{ path: "subject", expected: attachedTo, got: digests.slice(0, 3).join(", ") }],
  });
}

const predicateTypeAnnotations = [
  "dev.sigstore.bundle.predicateType",
  "in-toto.io/predicate-type",
  "predicateType",
];

function contradictions(predicateType: string, annotations: Readonly<Record<string, string>>): string[] {
  return predicateTypeAnnotations.flatMap((name) => {
    const claimed = annotations[name];
    if (claimed === undefined || claimed === predicateType) return [];
    return [`the annotation ${name} says ${JSON.stringify(shownText(claimed))}`];
  });
}

/** What could not be read is an error; content that is wrong, as its digest tells, is a reason. */
async function attempt<T>(
  work: () => Promise<T>,
): Promise<{ readonly value: T } | { readonly reason: string }> {
  try {
    return { value: await work() };
  } catch (error) {
    if (!(error instanceof AttestError) || isUnread(error)) throw error;
    const { code, summary, problems } = error;
    return { reason: [code, summary, ...problems.slice(0, 1).map(formatProblem)].join(": ") };
  }
}

/** Content that has another digest says nothing about what was asked for. */
function isUnread(error: AttestError): boolean {
  return error.code.startsWith("REGISTRY_") || (error.code === "DIGEST_MISMATCH" && !isWrongSize(error));
}
