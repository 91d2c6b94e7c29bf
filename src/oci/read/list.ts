import { mkdir } from "node:fs/promises";

import { annotationsText } from "../descriptor.js";
import { isDigest } from "../digest.js";
import { resolveImage } from "../image.js";
import { atOnce } from "../limits.js";
import { both, mapParallel } from "../../parallel.js";
import type { ContentStore } from "../store.js";
import { hasBundleParts } from "./evidence.js";
import { allCandidates, findAttached, partsOf, type Candidate } from "./find.js";
import { openCandidate } from "./open.js";
import type { Attachment, AttachmentPlace, Listing, Skipped } from "./types.js";

/** Bytes of all attestations of a list that are kept in memory beside their files. */
const inMemory = 32 * 1024 * 1024;

/**
 * Lists every attestation of an image, of its platforms and of indexes in it, from every place where one may be, each once.
 * The same content gives the same list. What is attached and is no attestation of this image is in
 * `skipped`; nothing is verified.
 *
 * @param reference tag or digest; a tag is resolved once
 * @param directory where large attestations go, and all those that are saved; made when it is not there
 * @param apart another repository, where more is attached to the image than in its own
 * @throws AttestError IMAGE_NOT_FOUND; REGISTRY_FAILED or REGISTRY_DENIED when a place can't be read;
 * LIMIT_EXCEEDED
 */
export async function listAttachments(
  store: ContentStore,
  reference: string,
  directory: string,
  apart?: ContentStore,
): Promise<Listing> {
  await mkdir(directory, { recursive: true });
  const places = [store, ...(apart === undefined ? [] : [apart])];
  // Asked for along with the image where its digest is known: a list of referrers takes a registry longest.
  const known = isDigest(reference) ? [reference] : [];
  const [image, early] = await both(resolveImage(store, reference), findAttached(places, known));
  const others = partsOf(image).filter((digest) => !known.includes(digest));
  const found = [...early, ...(await findAttached(places, others))];
  const { candidates, skipped } = allCandidates(store, image, found);
  const room = { memory: inMemory, files: store.limits.listedBytes };
  const opened = await mapParallel(grouped(candidates), atOnce, async ([first, places]) => {
    const { attachments, skipped: refused } = await openCandidate(image, first, directory, room);
    return { attachments: attachments.map((one) => ({ ...one, places })), skipped: refused };
  });
  const parts = partsOf(image);
  return {
    image: image.root.descriptor,
    ...(image.root.announced === undefined ? {} : { announced: image.root.announced }),
    platforms: image.platforms,
    parts,
    repository: store.name,
    attachments: merged(opened.flatMap((one) => one.attachments)).sort(inOrder(parts)),
    skipped: onlyOnce([...skipped, ...opened.flatMap((one) => one.skipped)]),
  };
}

const placeOrder: readonly AttachmentPlace[] = ["referrer", "fallback-tag", "cosign-tag", "buildkit-index"];

function ordered(places: readonly AttachmentPlace[]): AttachmentPlace[] {
  return placeOrder.filter((place) => places.includes(place));
}

/** A manifest that is found in several places of a store is opened once. */
function grouped(candidates: readonly Candidate[]): [Candidate, AttachmentPlace[]][] {
  const groups = new Map<string, Candidate[]>();
  for (const one of candidates) {
    const key = `${one.store.name} ${one.subject} ${one.digest}`;
    groups.set(key, [...(groups.get(key) ?? []), one]);
  }
  return [...groups.values()].flatMap((group) => {
    // The strictest place first: a referrer has to name its subject.
    const places = ordered(group.map(({ place }) => place));
    const first = group.find(({ place }) => place === places[0]);
    return first === undefined ? [] : [[first, places] as [Candidate, AttachmentPlace[]]];
  });
}

/**
 * The same bytes about the same subject are one attestation, wherever they lie. An envelope below an `.att` tag is more than
 * its bytes: beside the same one may stand another certificate or log entry.
 */
function merged(attachments: readonly Attachment[]): Attachment[] {
  const found = new Map<string, Attachment>();
  for (const one of attachments) {
    const parts = hasBundleParts(one) ? annotationsText(one.annotations) : "";
    const key = `${one.subject} ${one.content.digest} ${parts}`;
    const known = found.get(key);
    const places = ordered([...(known?.places ?? []), ...one.places]);
    const repositories = [...new Set([...(known?.repositories ?? []), ...one.repositories])];
    const remarks = [...new Set([...(known?.remarks ?? []), ...one.remarks])];
    found.set(key, { ...(known ?? one), places, repositories, remarks });
  }
  return [...found.values()];
}

function inOrder(subjects: readonly string[]) {
  const key = ({ subject, header, content }: Attachment) =>
    `${header.predicateType} ${content.digest} ${subject}`;
  return (a: Attachment, b: Attachment) => {
    const bySubject = subjects.indexOf(a.subject) - subjects.indexOf(b.subject);
    if (bySubject !== 0 || key(a) === key(b)) return bySubject;
    return key(a) < key(b) ? -1 : 1;
  };
}

function onlyOnce(skipped: readonly Skipped[]): Skipped[] {
  return [...new Map(skipped.map((one) => [JSON.stringify(one), one])).values()];
}
