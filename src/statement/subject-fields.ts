import type { DigestSet, Subject } from "./types.js";

/**
 * A subject with the fields that the specification names, in its order, and with digests ordered by
 * algorithm. Fields that it does not name are left out: readers have to ignore them anyway.
 */
export function orderedSubject(subject: Subject): Subject {
  const { name, uri, digest, content, downloadLocation, mediaType, annotations } = subject;
  return {
    ...(name === undefined ? {} : { name }),
    ...(uri === undefined ? {} : { uri }),
    digest: orderedDigests(digest),
    ...(content === undefined ? {} : { content }),
    ...(downloadLocation === undefined ? {} : { downloadLocation }),
    ...(mediaType === undefined ? {} : { mediaType }),
    ...(annotations === undefined ? {} : { annotations }),
  };
}

function orderedDigests(digests: DigestSet): DigestSet {
  return Object.fromEntries(Object.entries(digests).sort(([a], [b]) => (a < b ? -1 : 1)));
}
