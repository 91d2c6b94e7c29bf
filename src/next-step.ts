import type { AttestErrorCode } from "./error.js";

/**
 * What to do about an error whose thrower knows nothing more exact, by its code: one sentence in the imperative.
 * docs/errors.md says more.
 */
export const nextStep: Readonly<Record<AttestErrorCode, string>> = {
  ARGUMENT_INVALID: "Change the argument that is named; --help says what each one takes.",
  STATEMENT_INVALID: "Correct what is listed, or ask whoever made the statement to.",
  JSON_INVALID: "Get the file again from whoever wrote it.",
  LIMIT_EXCEEDED: "Make it smaller, or split it.",
  REFERENCE_INVALID: "Write it as registry/repository@sha256:DIGEST.",
  IMAGE_INVALID: "Export or push the image again with a tool that follows the OCI specification.",
  IMAGE_NOT_FOUND: "Check the name, the tag or the digest, and where it was pushed to.",
  DIGEST_MISMATCH: "Do not use it; fetch it again, and ask whoever keeps it when it happens again.",
  REGISTRY_FAILED: "Check the registry's address and that it is running, then try again.",
  REGISTRY_DENIED: "Check the credentials, and what they are allowed to do in this repository.",
  REGISTRY_RESPONSE_INVALID:
    "Check that the address is the registry's own, not that of a page or a proxy before it.",
  FILE_FAILED: "Check the disk that is named, and who may read and write there.",
  DIRECTORY_INVALID: "Leave the entry that is named out of the directory.",
  SCANNER_FAILED: "Read the scanner's last lines above, and correct what they name.",
  SBOM_INVALID: "Use another scanner, format or version of the scanner.",
  PREDICATE_INVALID:
    "Correct what is listed; the specification of the predicate's type says what it has to hold.",
  REPORT_INVALID: "Make the report again in one of the formats that are read (docs/predicates.md).",
  KEY_INVALID: "Give a key as docs/signing.md lists them, with its passphrase where it has one.",
  BUNDLE_INVALID: "Get the bundle again from whoever signed it.",
  TRUSTED_ROOT_INVALID: "Get the trusted root again from whoever runs the Sigstore instance.",
  TUF_UNAVAILABLE:
    "Check the address of the TUF repository, or give a trusted root with --trusted-root=FILE.",
  TUF_INVALID: "Trust nothing from this repository until whoever runs it has explained it.",
  POLICY_INVALID: "Correct the policy as docs/policy.md describes it.",
  SIGNING_FAILED: "Check that the signing service is the right one and is running, then try again.",
  EVIDENCE_INVALID: "Make the trace, lockfile or history again with the tool that writes it.",
  VERIFICATION_FAILED: "Do not use the artifact; the reasons are listed above.",
};
