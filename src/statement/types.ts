/**
 * The in-toto Statement as types.
 * https://github.com/in-toto/attestation/blob/main/spec/v1/statement.md
 */

/** `_type` of a Statement v1: the only one that is written. */
export const statementTypeV1 = "https://in-toto.io/Statement/v1";

/** `_type` of a Statement v0.1: accepted on reading, since cosign and older BuildKit write it. */
export const statementTypeV01 = "https://in-toto.io/Statement/v0.1";

export type StatementType = typeof statementTypeV1 | typeof statementTypeV01;

/** Any JSON value. */
export type JsonValue =
  string | number | boolean | null | readonly JsonValue[] | { readonly [key: string]: JsonValue };

/**
 * Algorithm name to encoded digest, as in `{ sha256: "<64 hex characters>" }`.
 * https://github.com/in-toto/attestation/blob/main/spec/v1/digest_set.md
 */
export type DigestSet = Readonly<Record<string, string>>;

/**
 * Any artifact or resource. At least one of `uri`, `digest` and `content` is set.
 * https://github.com/in-toto/attestation/blob/main/spec/v1/resource_descriptor.md
 */
export type ResourceDescriptor = {
  readonly name?: string;
  readonly uri?: string;
  readonly digest?: DigestSet;
  /** Bytes in base64. */
  readonly content?: string;
  readonly downloadLocation?: string;
  readonly mediaType?: string;
  readonly annotations?: Readonly<Record<string, JsonValue>>;
};

/** An artifact that a statement is about: a descriptor that has a digest. */
export type Subject = ResourceDescriptor & { readonly digest: DigestSet };

/** A statement without its predicate, which may be too large for memory. */
export type StatementHeader = {
  readonly type: StatementType;
  readonly subjects: readonly Subject[];
  /** URI, as in `https://spdx.dev/Document`. */
  readonly predicateType: string;
};

/** Half-open range of bytes in a file. */
export type ByteRange = { readonly start: number; readonly end: number };
