const mebibyte = 1024 * 1024;

/** What a registry or layout may answer, so that no answer can exhaust the reader. */
export type OciLimits = {
  /** Bytes of one manifest or index; registries take 4 MiB. */
  readonly manifestBytes: number;
  /** Bytes of one attestation. */
  readonly attestationBytes: number;
  /** Bytes of any other answer: tokens, lists, errors. */
  readonly answerBytes: number;
  /** Bytes of all pages of one list. */
  readonly listBytes: number;
  /** Pages of one list. */
  readonly pages: number;
  /** Referrers of one manifest. */
  readonly referrers: number;
  /** Tags of one repository. */
  readonly tags: number;
  /** Manifests in one index. */
  readonly manifests: number;
  /** Manifests inside indexes, and referrers of referrers. */
  readonly depth: number;
};

export const ociLimits: OciLimits = {
  manifestBytes: 4 * mebibyte,
  attestationBytes: 512 * mebibyte,
  answerBytes: 8 * mebibyte,
  listBytes: 64 * mebibyte,
  pages: 1000,
  referrers: 10_000,
  tags: 100_000,
  manifests: 4096,
  depth: 4,
};
