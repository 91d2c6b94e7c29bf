import { AttestError } from "../error.js";

const mebibyte = 1024 * 1024;

/** Requests at once to one registry. */
export const atOnce = 16;

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
  /** Manifests of one image with everything that is attached to any of them. */
  readonly total: number;
  /** Bytes of all these manifests, which a copy holds in memory. */
  readonly totalBytes: number;
  /** Bytes of all attestations of one image, which a list writes to files. */
  readonly listedBytes: number;
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
  total: 50_000,
  totalBytes: 256 * mebibyte,
  listedBytes: 4096 * mebibyte,
};

/** @throws AttestError LIMIT_EXCEEDED when there is more than `most` of what is counted */
export function assertCount(count: number, most: number, what: string): void {
  if (count <= most) return;
  throw new AttestError("LIMIT_EXCEEDED", `${what}: more than what is read`, {
    problems: [{ path: "", expected: `at most ${most}`, got: `at least ${count}` }],
  });
}
