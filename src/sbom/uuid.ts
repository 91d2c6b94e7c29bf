import { createHash } from "node:crypto";

/**
 * A name-based UUID, version 5 (https://www.rfc-editor.org/rfc/rfc9562#section-5.5): SHA-1 over a
 * namespace and a name. It identifies and does not protect, so SHA-1 is no weakness here.
 *
 * @param namespace A UUID
 * @param name Text in pieces, hashed as UTF-8; their boundaries do not matter
 */
export function nameBasedUuid(namespace: string, name: Iterable<string>): string {
  const hash = createHash("sha1").update(Buffer.from(namespace.replaceAll("-", ""), "hex"));
  for (const piece of name) hash.update(piece, "utf8");
  const bytes = hash.digest().subarray(0, 16);
  bytes.writeUInt8((bytes.readUInt8(6) & 0x0f) | 0x50, 6);
  bytes.writeUInt8((bytes.readUInt8(8) & 0x3f) | 0x80, 8);
  return bytes.toString("hex").replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, "$1-$2-$3-$4-$5");
}
