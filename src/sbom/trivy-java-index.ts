import { inflateSync } from "node:zlib";

import type { ScanFile } from "./plan.js";

/** Trivy's cache directory, in which it looks for its Java index. */
export const javaIndexPath = "/attest/trivy";

/**
 * An empty Java index for Trivy. As soon as there is one JAR in the input, Trivy opens its index of
 * JAR digests, and offline, without one, it gives up on the whole scan. With an empty one it names
 * JARs by what they say themselves (pom.properties, manifest), which is all that can be known offline.
 * https://github.com/aquasecurity/trivy-java-db/blob/main/pkg/db/db.go
 */
export function javaIndexFiles(): ScanFile[] {
  const metadata = {
    Version: 1,
    NextUpdate: "2100-01-01T00:00:00Z",
    UpdatedAt: "1970-01-01T00:00:00Z",
    DownloadedAt: "1970-01-01T00:00:00Z",
  };
  return [
    { path: `${javaIndexPath}/java-db/metadata.json`, bytes: Buffer.from(JSON.stringify(metadata)) },
    { path: `${javaIndexPath}/java-db/trivy-java.db`, bytes: emptyDatabase() },
  ];
}

/**
 * An SQLite 3 file of three pages with the two empty tables that Trivy asks:
 * artifacts(id, group_id, artifact_id) and indices(artifact_id, version, sha1, archive_type).
 */
function emptyDatabase(): Uint8Array {
  return inflateSync(Buffer.from(deflatedDatabase.join(""), "base64"));
}

const deflatedDatabase = [
  "eNoLDvTJLElVSMsvyk0sUTBmYGJgZGRwUFBgYGBgAWJmBgRggWIYYGQgDFgY9JIZeYEMJkY5BsYJQGJIgQImdnFpacZG85LE",
  "pJzUzLyUzOTUYijF7Bzk6hjiqhDi6OTjqgAV1EgsKslMS0wuic9MUfD0C3F1dw3SUShLLSrOzM9TCHGNCNFRKM5INFRw8vF3",
  "0lFILErOyCxLjS+pLEgFy2rmMbKLy8szNmqDbYSZVgxnMKHYChfWQFinEBDk6esYFKng7Rqpo5BelF9aAHIMxG5k54HtA8UN",
  "MNJHwQgFo/E/sgEAT1FQIw==",
];
