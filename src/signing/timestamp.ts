import { callService } from "./service-error.js";
import type { Witness } from "./witness.js";

export type TimestampOptions = {
  /** URL of the timestamp authority; `/api/v1/timestamp` is appended to one without a path. */
  readonly url: string;
  /** Per request; 30 000 unless given. */
  readonly timeoutMilliseconds?: number;
};

/**
 * A timestamp authority: it states when it saw the signature. https://www.rfc-editor.org/rfc/rfc3161
 *
 * @throws AttestError SIGNING_FAILED when it does not answer
 */
export function timestampWitness({ url, timeoutMilliseconds = 30_000 }: TimestampOptions): Witness {
  return {
    testify: ({ signature }) =>
      callService({ name: "the timestamp authority", url }, [], async () => {
        const { TSAWitness } = await import("@sigstore/sign");
        const witness = new TSAWitness({ tsaBaseURL: url, timeout: timeoutMilliseconds, retry: 2 });
        const { rfc3161Timestamps = [] } = await witness.testify({
          $case: "dsseEnvelope",
          dsseEnvelope: {
            payload: Buffer.alloc(0),
            payloadType: "",
            signatures: [{ sig: signature, keyid: "" }],
          },
        });
        return { timestamps: rfc3161Timestamps.map(({ signedTimestamp }) => Buffer.from(signedTimestamp)) };
      }),
  };
}
