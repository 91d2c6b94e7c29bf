import { statementPayloadType } from "../signing/dsse.js";
import { sha256Of } from "../signing/source.js";
import { checkStatement } from "../verification/check-statement.js";
import { noFindings, omitted } from "../verification/findings.js";
import type { BundleInput, CheckedRequest } from "../verification/request.js";
import type { BundleVerdict } from "../verification/types.js";
import type { VerifiedAttestation } from "../verification/verify.js";

/**
 * Reads a statement that nobody signed, for a policy's test: its form and its subject are checked as in earnest, and it is
 * otherwise taken as if it were verified. Never for a verdict that anybody relies on.
 */
export async function readUnsigned(
  { name, source }: BundleInput,
  request: Pick<CheckedRequest, "artifact" | "predicateType">,
): Promise<{ readonly verdict: BundleVerdict; readonly attestation?: VerifiedAttestation }> {
  const findings = noFindings();
  const content = { kind: "envelope" as const, payloadType: statementPayloadType, payload: source };
  const statement = await checkStatement(content, await sha256Of(source), request, findings);
  omitted(findings, "signature", "Nobody signed it: it is a case of a policy's test.");
  const passed = findings.failures.length === 0 && statement !== undefined;
  const verdict: BundleVerdict = { name, passed, times: [], ...findings };
  return passed ? { verdict, attestation: { verdict, statement } } : { verdict };
}
