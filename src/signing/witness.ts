import type { TransparencyLogEntry } from "@sigstore/bundle";
import type { Signature } from "./signer.js";
import type { ByteSource } from "./source.js";

/** A signed envelope, as a witness sees it. */
export type SignedEnvelope = Signature & {
  readonly payloadType: string;
  readonly payload: ByteSource;
};

/** What a witness adds to a bundle. */
export type Testimony = {
  readonly tlogEntries?: readonly TransparencyLogEntry[];
  /** RFC 3161 TimeStampResp, DER, over the signature bytes. */
  readonly timestamps?: readonly Buffer[];
};

/** Someone who saw the signature: a transparency log, a timestamp authority. */
export type Witness = {
  /** Its log entries hold a proof alone, no promise of the log: layouts of older cosign versions have no room for them. */
  readonly provesOnly?: true;
  testify(signed: SignedEnvelope): Promise<Testimony>;
};
