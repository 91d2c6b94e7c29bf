import type { TransparencyLogEntry } from "@sigstore/bundle";
import type { ByteSource } from "../../signing/source.js";

/** What was signed. */
export type SignedContent =
  | { readonly kind: "envelope"; readonly payloadType: string; readonly payload: ByteSource }
  /** A file that is not in the bundle; `digest` is the signer's word, not verified. */
  | { readonly kind: "file"; readonly algorithm: string; readonly digest: Buffer };

/** Who a bundle says has signed. */
export type ClaimedSigner =
  | { readonly kind: "key"; readonly hint: string }
  /** `certificate`: the leaf, X.509 DER. */
  | { readonly kind: "certificate"; readonly certificate: Buffer }
  /** A bare envelope says nothing. */
  | { readonly kind: "unsaid" };

/** A bundle or bare envelope that is well-formed. Nothing of it is verified. */
export type ReadBundle = {
  readonly format: "sigstore-0.1" | "sigstore-0.2" | "sigstore-0.3" | "dsse";
  readonly content: SignedContent;
  readonly signature: Buffer;
  /** The name of the key in the signature itself; a hint that nobody signed. */
  readonly keyid: string;
  readonly signer: ClaimedSigner;
  readonly tlogEntries: readonly TransparencyLogEntry[];
  /** RFC 3161 TimeStampResp, DER. */
  readonly timestamps: readonly Buffer[];
};

/** What a bundle may hold, so that no input can exhaust the reader. */
export type BundleLimits = {
  /** Bytes of the statement inside. */
  readonly payloadBytes: number;
  /** Bytes of everything else: certificates, log entries, timestamps. */
  readonly materialBytes: number;
};

const mebibyte = 1024 * 1024;

export const bundleLimits: BundleLimits = { payloadBytes: 512 * mebibyte, materialBytes: 16 * mebibyte };
