/**
 * Digest algorithms as in-toto names them, and the check of a digest set.
 * https://github.com/in-toto/attestation/blob/main/spec/v1/digest_set.md
 */
import type { Problem } from "../error.js";
import { describeValue, isObject } from "./json-value.js";
import type { StatementLimits } from "./limits.js";

/**
 * Bytes that a digest of the algorithm may have; an empty list where the specification names the
 * algorithm and leaves its length open.
 */
const digestLengths: ReadonlyMap<string, readonly number[]> = new Map([
  ["md5", [16]],
  ["sha1", [20]],
  ["ripemd160", [20]],
  ["sha224", [28]],
  ["sha512_224", [28]],
  ["sha3_224", [28]],
  ["sha256", [32]],
  ["sha512_256", [32]],
  ["sha3_256", [32]],
  ["sm3", [32]],
  ["gost", [32]],
  ["dirHash", [32]],
  ["sha384", [48]],
  ["sha3_384", [48]],
  ["sha512", [64]],
  ["sha3_512", [64]],
  ["gitCommit", [20, 32]],
  ["gitTree", [20, 32]],
  ["gitBlob", [20, 32]],
  ["gitTag", [20, 32]],
  ["shake128", []],
  ["shake256", []],
  ["blake2b", []],
  ["blake2s", []],
]);

const namesByFolded: ReadonlyMap<string, string> = new Map(
  [...digestLengths.keys()].map((name) => [foldName(name), name]),
);

function foldName(name: string): string {
  return name.toLowerCase().replaceAll(/[-_]/g, "");
}

/**
 * Everything that is wrong with a digest set found at `path`. Unknown algorithms are legal with any
 * value that is not empty (`{"arn": "arn:aws:..."}`), but not a known one spelt otherwise (`SHA-256`),
 * which consumers would ignore.
 */
export function checkDigestSet(value: unknown, path: string, limits: StatementLimits): Problem[] {
  if (!isObject(value)) return [{ path, expected: "an object of digests", got: describeValue(value) }];
  const entries = Object.entries(value);
  if (entries.length === 0) return [{ path, expected: "at least one digest", got: "none" }];
  if (entries.length > limits.digestsPerSubject) {
    return [{ path, expected: `at most ${limits.digestsPerSubject} digests`, got: `${entries.length}` }];
  }
  return entries.flatMap(([algorithm, digest]) => checkDigest(algorithm, digest, `${path}.${algorithm}`));
}

/** Everything that is wrong with one digest found at `path`. */
export function checkDigest(algorithm: string, digest: unknown, path: string): Problem[] {
  const known = namesByFolded.get(foldName(algorithm));
  if (known !== undefined && known !== algorithm) {
    return [{ path, expected: `the algorithm name ${known}`, got: JSON.stringify(algorithm) }];
  }
  if (algorithm === "")
    return [{ path, expected: "the name of an algorithm", got: describeValue(algorithm) }];
  if (typeof digest !== "string") return [{ path, expected: "a string", got: describeValue(digest) }];
  if (digest === "") return [{ path, expected: "a digest", got: "an empty string" }];
  const lengths = digestLengths.get(algorithm);
  return lengths === undefined ? [] : checkHex(digest, lengths, path);
}

function checkHex(digest: string, lengths: readonly number[], path: string): Problem[] {
  const characters = lengths.map((bytes) => bytes * 2);
  const expected = [...(characters.length === 0 ? ["an even number of"] : [characters.join(" or ")])]
    .concat("lower-case hex characters")
    .join(" ");
  if (!/^[0-9a-f]*$/.test(digest)) return [{ path, expected, got: describeNotHex(digest) }];
  const fits = characters.length === 0 ? digest.length % 2 === 0 : characters.includes(digest.length);
  return fits ? [] : [{ path, expected, got: `${digest.length}` }];
}

function describeNotHex(digest: string): string {
  return /^[0-9a-fA-F]*$/.test(digest) ? `upper-case ${describeValue(digest)}` : describeValue(digest);
}
