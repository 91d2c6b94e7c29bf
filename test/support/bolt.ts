/**
 * Writes bbolt files, in which Trivy's database is kept: enough of the format for a few small buckets.
 * https://github.com/etcd-io/bbolt/blob/main/internal/common/page.go
 */

/** A bucket: keys with values, or with buckets. */
export type Bucket = { readonly [key: string]: string | Bucket };

const pageSize = 4096;
const pageHeader = 16;
const elementHeader = 16;
const flags = { leaf: 0x02, meta: 0x04, freelist: 0x10 };

type Element = { readonly key: Buffer; readonly value: Buffer; readonly isBucket: boolean };

/** The whole file: two pages of metadata, an empty list of free pages, one page or more for each bucket. */
export function boltFile(root: Bucket): Buffer {
  const pages: Buffer[] = [];
  const nextPage = (): number => 3 + pages.reduce((sum, page) => sum + page.length / pageSize, 0);

  const writeBucket = (bucket: Bucket): number => {
    const elements = Object.entries(bucket)
      .map(([key, value]): Element => {
        if (typeof value === "string")
          return { key: Buffer.from(key), value: Buffer.from(value), isBucket: false };
        return { key: Buffer.from(key), value: bucketAt(writeBucket(value)), isBucket: true };
      })
      .sort((one, other) => Buffer.compare(one.key, other.key));
    const id = nextPage();
    pages.push(leafPage(id, elements));
    return id;
  };

  const rootPage = writeBucket(root);
  const meta = [0, 1].map((id) => metaPage(id, rootPage, nextPage()));
  return Buffer.concat([...meta, page(2, flags.freelist, 1), ...pages]);
}

function page(id: number, flag: number, count: number): Buffer {
  const bytes = Buffer.alloc(count * pageSize);
  bytes.writeBigUInt64LE(BigInt(id), 0);
  bytes.writeUInt16LE(flag, 8);
  bytes.writeUInt32LE(count - 1, 12);
  return bytes;
}

/** Elements first, each with the distance from itself to its key; then keys and values. */
function leafPage(id: number, elements: readonly Element[]): Buffer {
  const content = elements.reduce(
    (sum, { key, value }) => sum + elementHeader + key.length + value.length,
    0,
  );
  const bytes = page(id, flags.leaf, Math.ceil((pageHeader + content) / pageSize));
  bytes.writeUInt16LE(elements.length, 10);
  let data = pageHeader + elements.length * elementHeader;
  for (const [index, { key, value, isBucket }] of elements.entries()) {
    const at = pageHeader + index * elementHeader;
    bytes.writeUInt32LE(isBucket ? 1 : 0, at);
    bytes.writeUInt32LE(data - at, at + 4);
    bytes.writeUInt32LE(key.length, at + 8);
    bytes.writeUInt32LE(value.length, at + 12);
    data += key.copy(bytes, data);
    data += value.copy(bytes, data);
  }
  return bytes;
}

/** The value of a bucket's key: its page, and a sequence that nobody uses. */
function bucketAt(id: number): Buffer {
  const value = Buffer.alloc(16);
  value.writeBigUInt64LE(BigInt(id));
  return value;
}

function metaPage(id: number, root: number, pageCount: number): Buffer {
  const bytes = page(id, flags.meta, 1);
  bytes.writeUInt32LE(0xed0cdaed, 16);
  bytes.writeUInt32LE(2, 20);
  bytes.writeUInt32LE(pageSize, 24);
  bucketAt(root).copy(bytes, 32);
  bytes.writeBigUInt64LE(2n, 48);
  bytes.writeBigUInt64LE(BigInt(pageCount), 56);
  bytes.writeBigUInt64LE(BigInt(id), 64);
  bytes.writeBigUInt64LE(fnv64a(bytes.subarray(16, 72)), 72);
  return bytes;
}

function fnv64a(bytes: Uint8Array): bigint {
  let hash = 0xcbf29ce484222325n;
  for (const byte of bytes) hash = BigInt.asUintN(64, (hash ^ BigInt(byte)) * 0x100000001b3n);
  return hash;
}
