/**
 * Tar headers exactly as GNU tar writes them with the options in docs/directory-digest.md (format pax,
 * owner 0, time 0), so that a person can reproduce the digest. A library would write other bytes: the
 * format leaves the padding of numbers, the names of extended headers and more to the writer.
 * https://pubs.opengroup.org/onlinepubs/9699919799/utilities/pax.html
 */
import type { BytePath, DirectoryEntry } from "./directory-walk.js";

const blockBytes = 512;
/** Twenty blocks: what GNU tar pads an archive to. */
const recordBytes = 20 * blockBytes;
const nameBytes = 100;
const largestOctalSize = 0o77777777777;

/** Header blocks of an entry, an extended header included where the plain one can't hold a field. */
export function tarHeader(entry: DirectoryEntry): Buffer {
  const path = entry.kind === "directory" ? `${entry.path}/` : entry.path;
  const target = entry.kind === "link" ? entry.target : "";
  const size = entry.kind === "file" ? entry.size : 0;
  const records = [
    ...(target.length > nameBytes ? [record("linkpath", target)] : []),
    ...(path.length > nameBytes || !isAscii(path) ? [record("path", path)] : []),
    ...(size > largestOctalSize ? [record("size", `${size}`)] : []),
  ].join("");
  const plain = ustarHeader({
    name: path,
    mode: entry.kind === "file" && !entry.isExecutable ? "0000644" : "0000755",
    size: size > largestOctalSize ? 0 : size,
    type: entry.kind === "file" ? "0" : entry.kind === "link" ? "2" : "5",
    target,
    device: "0000000",
  });
  return records === "" ? plain : Buffer.concat([...extendedHeader(entry.path, records), plain]);
}

/** Zeros between the end of a content or archive of this size and the next block or record. */
export function tarPadding(size: number, unit: "block" | "record"): Buffer {
  const multiple = unit === "block" ? blockBytes : recordBytes;
  return Buffer.alloc((multiple - (size % multiple)) % multiple);
}

/** Two empty blocks. */
export function tarEnd(): Buffer {
  return Buffer.alloc(2 * blockBytes);
}

type UstarFields = {
  readonly name: BytePath;
  readonly mode: string;
  readonly size: number;
  readonly type: string;
  readonly target: BytePath;
  readonly device: string;
};

function ustarHeader({ name, mode, size, type, target, device }: UstarFields): Buffer {
  const header = Buffer.alloc(blockBytes);
  const put = (text: string, at: number) => header.write(text, at, "latin1");
  put(name.slice(0, nameBytes), 0);
  put(mode, 100);
  put("0000000", 108);
  put("0000000", 116);
  put(size.toString(8).padStart(11, "0"), 124);
  put("00000000000", 136);
  put("        ", 148);
  put(type, 156);
  put(target.slice(0, nameBytes), 157);
  put("ustar\x0000", 257);
  put(device, 329);
  put(device, 337);
  let checksum = 0;
  for (const byte of header) checksum += byte;
  put(`${checksum.toString(8).padStart(6, "0")}\0 `, 148);
  return header;
}

function extendedHeader(path: BytePath, records: string): Buffer[] {
  const slash = path.lastIndexOf("/");
  const directory = slash === -1 ? "." : path.slice(0, slash);
  const content = Buffer.from(records, "latin1");
  const header = ustarHeader({
    name: `${directory}/PaxHeaders/${path.slice(slash + 1)}`,
    mode: "0000644",
    size: content.length,
    type: "x",
    target: "",
    device: "",
  });
  return [header, content, tarPadding(content.length, "block")];
}

/** `<length> <key>=<value>\n`, where the length counts its own digits. */
function record(key: string, value: string): string {
  const rest = ` ${key}=${value}\n`;
  let length = rest.length;
  while (`${length}${rest}`.length !== length) length = `${length}${rest}`.length;
  return `${length}${rest}`;
}

function isAscii(text: BytePath): boolean {
  return !/[\u0080-\u00ff]/.test(text);
}
