import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";

import { func, object, type File } from "@dagger.io/dagger";

import { AttestError } from "../error.js";
import { verdictJson } from "../report/json.js";
import { reportHtml } from "../report/report.js";
import { verdictSarif } from "../report/sarif.js";
import { summaryMarkdown } from "../report/summary.js";
import type { Verification } from "../verification/types.js";
import type { Attestation } from "./attestation.js";
import { localFile, returnedFile, scratchDirectory } from "./files.js";
import { attestVerdict } from "./vsa.js";

/** A verdict on an artifact, with its reasons: what passed, what failed, what was not checked. */
@object()
export class AttestVerification {
  /** Whether the artifact is what a trusted signer says of it, and every rule of the policy is met. */
  @func()
  passed: boolean;

  /** What was checked and holds: one sentence each. */
  @func()
  checks: string[];

  /** What was not checked, and why: one sentence each. It must not be read as if it had been. */
  @func()
  notChecked: string[];

  /** Why it did not pass: code, sentence, expected and got. Empty when it did. */
  @func()
  failures: string[];

  /** The verdict in Markdown, for the summary page of a CI job. */
  @func()
  summary: string;

  /** The verdict as one HTML file that needs nothing else: green or red and why, each check to unfold. */
  @func()
  report: File;

  /** The whole verdict as JSON; docs/verification.schema.json describes it. */
  @func()
  json: File;

  /**
   * The reasons why it failed, and the findings that the policy looked at, as SARIF 2.1.0: for code scanning.
   * Findings that VEX answers are in it as suppressed.
   */
  @func()
  sarif: File;

  constructor(
    passed: boolean,
    checks: string[],
    notChecked: string[],
    failures: string[],
    summary: string,
    report: File,
    json: File,
    sarif: File,
  ) {
    this.passed = passed;
    this.checks = checks;
    this.notChecked = notChecked;
    this.failures = failures;
    this.summary = summary;
    this.report = report;
    this.json = json;
    this.sarif = sarif;
  }

  /** Nothing when the verdict passed, otherwise the error VERIFICATION_FAILED with the reasons: for CI jobs. */
  @func({ cache: "never" })
  assert(): void {
    if (this.passed) return;
    throw new AttestError(
      "VERIFICATION_FAILED",
      `the artifact is not verified\n${this.failures.join("\n")}`,
      {
        next: "Do not use it; the reasons above say what is missing.",
      },
    );
  }

  /**
   * The verdict as a SLSA Verification Summary v1, an attestation about the artifact, ready to be signed.
   * Whoever trusts the verifier can then rely on it without the evidence. A verdict that failed says
   * FAILED, whatever levels were asked for. What can't be stated is ARGUMENT_INVALID.
   *
   * @param verifierId URI of who verified: consumers pair it with the key or identity that signs the summary
   * @param resourceUri URI that consumers will ask about, as in
   * pkg:oci/app?repository_url=registry.example/app
   * @param verifiedLevels What the verdict means, as in SLSA_BUILD_LEVEL_2: your word, since a verdict
   * does not know
   * @param policyUri URI of what was asked. Default: the `policy` of the policy file
   */
  @func()
  async vsa(
    verifierId: string,
    resourceUri: string,
    verifiedLevels: string[],
    policyUri?: string,
  ): Promise<Attestation> {
    const verification = JSON.parse(await readFile(await localFile(this.json), "utf8")) as Verification;
    return attestVerdict(verification, { verifierId, resourceUri, verifiedLevels, policyUri });
  }
}

/** A verdict of the core as Dagger's object, its outputs written already: reading them starts nothing. */
export async function exposeVerification(verification: Verification): Promise<AttestVerification> {
  const directory = await scratchDirectory();
  const reportPath = join(directory, "verification.html");
  const jsonPath = join(directory, "verification.json");
  await writeFile(reportPath, reportHtml(verification));
  await writeFile(jsonPath, verdictJson(verification));
  const sarifPath = join(directory, "verification.sarif");
  await writeFile(sarifPath, verdictSarif(verification));
  return new AttestVerification(
    verification.passed,
    verification.checks.map(({ check, message }) => `${check}: ${message}`),
    verification.notChecked.map(({ check, message }) => `${check}: ${message}`),
    verification.failures.map(
      ({ code, message, expected, got }) => `${code}: ${message} (${expected} expected, got ${got})`,
    ),
    summaryMarkdown(verification),
    returnedFile(reportPath),
    returnedFile(jsonPath),
    returnedFile(sarifPath),
  );
}
