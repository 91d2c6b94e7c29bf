import type { ReadBundle } from "./bundle/types.js";
import { checkCertificateSigner } from "./check-certificate.js";
import { checkKeySigner } from "./check-key.js";
import type { Findings } from "./findings.js";
import type { CheckedRequest } from "./request.js";
import type { TrustedSignature } from "./trust.js";
import { checkFuture } from "./witnesses.js";

/**
 * Checks the signature and who made it. What does not hold goes to `findings`.
 *
 * @returns undefined when anything failed: the content must then not be looked at
 */
export async function checkSigner(
  bundle: ReadBundle,
  request: CheckedRequest,
  findings: Findings,
): Promise<TrustedSignature | undefined> {
  const result =
    bundle.signer.kind === "certificate"
      ? await checkCertificateSigner(bundle, bundle.signer.certificate, request, findings)
      : await checkKeySigner(bundle, request, findings);
  if (result !== undefined) checkFuture(result.times, request.now, findings);
  return findings.failures.length === 0 ? result : undefined;
}
