/** Opens what was found, and says of what is no attestation of the image why. */
import { AttestError, formatProblem } from "../../error.js";
import type { Room } from "../blob.js";
import { reasonOfEntry, type Descriptor } from "../descriptor.js";
import type { ResolvedImage } from "../image.js";
import { assertCount } from "../limits.js";
import type { ImageManifest, StoredManifest } from "../manifest.js";
import type { ContentStore } from "../store.js";
import { isWrongSize } from "../verified.js";
import type { Candidate } from "./find.js";
import { holdsAttestation, readLayer } from "./layer.js";
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
  image: ResolvedImage,
  candidate: Candidate,
  directory: string,
  room: Room,
): Promise<Opened> {
  const { store, place, subject, digest } = candidate;
  const skip = (reason: string, at = digest): Opened => ({
    attachments: [],
    skipped: [{ place, subject, digest: at, reason, isUnread: false }],
  });
  const stored = await attempt(() => store.fetchManifest(digest));
  if ("reason" in stored) return skip(stored.reason);
  if (stored.value === undefined) return skip("it is listed, but not there");
  const manifest = attestationManifest(stored.value, candidate);
  if (typeof manifest === "string") return skip(manifest);
  const layers = manifest.layers.filter(holdsAttestation);
  const malformed = manifest.malformed.map((entry): Skipped => {
    return { place, subject, digest, reason: reasonOfEntry(entry), isUnread: true };
  });
  if (layers.length + malformed.length === 0) return skip(`it holds ${typesIn(manifest)}, no attestation`);
  const opened: Opened[] = [{ attachments: [], skipped: malformed }];
  for (const layer of layers) {
    takeRoom(room, layer, store);
    const read = await attempt(() => readLayer(image, candidate, manifest, layer, directory, room));
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

/** What could not be read is an error; content that is wrong, as its digest tells, is a reason. */
async function attempt<T>(
  work: () => Promise<T>,
): Promise<{ readonly value: T } | { readonly reason: string }> {
  try {
    return { value: await work() };
  } catch (error) {
    if (!(error instanceof AttestError) || isUnanswered(error)) throw error;
    const { code, summary, problems } = error;
    return { reason: [code, summary, ...problems.slice(0, 1).map(formatProblem)].join(": ") };
  }
}

/** Content that has another digest says nothing about what was asked for. */
function isUnanswered(error: AttestError): boolean {
  if (error.code === "FILE_FAILED") return true;
  return error.code.startsWith("REGISTRY_") || (error.code === "DIGEST_MISMATCH" && !isWrongSize(error));
}
