/**
 * Unpacks an OCI archive (a tar of an OCI layout) into a directory, for scanners that read layouts
 * only as directories. Entries other than the layout's own (oci-layout, index.json, blobs/) stay out.
 */
export function extractLayout(_archivePath: string, _directory: string): Promise<void> {
  return Promise.reject(new Error("not made yet"));
}
