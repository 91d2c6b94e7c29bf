/** One layer of a manifest, and the attestation that it is. */
import { join } from "node:path";

import { AttestError } from "../../error.js";
import type { ByteSource } from "../../signing/source.js";
import { keepBlob, type Room } from "../blob.js";
import { isAbout, readBareContent, readSignedContent, type AttestationContent } from "../content.js";
import type { Descriptor } from "../descriptor.js";
import { platformOf, type ResolvedImage } from "../image.js";
import type { ImageManifest } from "../manifest.js";
import { dsseEnvelope, inTotoStatement, sigstoreBundlePrefix } from "../media-types.js";
import type { Candidate } from "./find.js";
import { shownText } from "./shown.js";
import type { Attachment } from "./types.js";

export function holdsAttestation({ mediaType }: Descriptor): boolean {
  return formOf(mediaType) !== undefined;
}

function formOf(mediaType: string): "signed" | "bare" | undefined {
  if (mediaType.startsWith(sigstoreBundlePrefix) || mediaType === dsseEnvelope || /\+dsse$/.test(mediaType))
    return "signed";
  return mediaType === inTotoStatement || /^application\/vnd\.in-toto\.[^+]+\+json$/.test(mediaType)
    ? "bare"
    : undefined;
}

/**
 * Reads one attestation: once for each part of the image that it is about.
 * @throws AttestError with what is wrong with it, or why it could not be read
 */
export async function readLayer(
  image: ResolvedImage,
  { store, place, subject, digest }: Candidate,
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
    repositories: [store.name],
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
