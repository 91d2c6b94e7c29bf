/** From a scanner's report to a predicate: in-toto's, or cosign's around the whole report. */
import { AttestError } from "../error.js";
import { answered, type VexAnswer, type VexAnswers } from "../policy/vex-answers.js";
import { cosignVulnV1, vulnerabilitiesV02 } from "../predicates/vulnerabilities.js";
import { writePredicate } from "../predicates/definition.js";
import { present } from "./fields.js";
import { inUtc } from "./time.js";
import type { ScanDatabase, ScannedVulnerability, ScanReport } from "./types.js";

export type ScanFormat = "in-toto" | "cosign";

export type ScanPredicateOptions = {
  readonly format: ScanFormat;
  /** What is known of the database besides the report. */
  readonly database?: ScanDatabase;
  /** When the scan began and ended, RFC 3339. Default: when the report says it was written. */
  readonly started?: string;
  readonly finished?: string;
  /** Takes out what VEX answers; in-toto's form alone, since cosign's holds the report as it is. */
  readonly vex?: VexAnswers;
};

export type ScanPredicate = {
  readonly predicateType: string;
  readonly bytes: Uint8Array;
  /** What stands in the predicate. */
  readonly open: readonly ScannedVulnerability[];
  /** What VEX answered. */
  readonly answered: readonly AnsweredVulnerability[];
};

export type AnsweredVulnerability = {
  readonly vulnerability: ScannedVulnerability;
  readonly answer: VexAnswer;
};

/**
 * The predicate for a report. The same report gives the same bytes.
 * @throws AttestError REPORT_INVALID when neither the report nor the options say what the predicate needs,
 * ARGUMENT_INVALID for VEX with cosign's form.
 */
export function scanPredicate(report: ScanReport, options: ScanPredicateOptions): ScanPredicate {
  const times = scanTimes(report, options);
  if (options.format === "in-toto") return inTotoPredicate(report, options, times);
  if (options.vex !== undefined)
    throw new AttestError(
      "ARGUMENT_INVALID",
      "VEX can't be applied to cosign's form, which holds the whole report",
      {
        next: "Leave out the VEX documents, or ask for in-toto's form.",
      },
    );
  const { uri, version } = report.scanner;
  const { uri: databaseUri, version: databaseVersion } = { ...report.database, ...options.database };
  const predicate = {
    invocation: {},
    scanner: {
      uri,
      ...present({ version }),
      db: present({ uri: databaseUri, version: databaseVersion }),
      result: report.document,
    },
    metadata: times,
  };
  return {
    predicateType: cosignVulnV1.predicateType,
    bytes: writePredicate(cosignVulnV1, predicate),
    open: report.vulnerabilities,
    answered: [],
  };
}

type Times = { readonly scanStartedOn: string; readonly scanFinishedOn: string };

function scanTimes(report: ScanReport, { started, finished }: ScanPredicateOptions): Times {
  const [begun, ended] = [started ?? report.created, finished ?? report.created];
  if (begun === undefined || ended === undefined)
    throw lacking(
      "when the scan began and ended",
      "Say when it was made, or use a scanner version that does.",
    );
  return {
    scanStartedOn: inUtc(begun, "when the scan began"),
    scanFinishedOn: inUtc(ended, "when the scan ended"),
  };
}

function inTotoPredicate(report: ScanReport, options: ScanPredicateOptions, metadata: Times): ScanPredicate {
  const { uri, version } = report.scanner;
  const database = { ...report.database, ...options.database };
  if (database.updated === undefined)
    throw lacking(
      "when the scanner's database was updated last, which the predicate demands",
      "Trivy does not write it into its report: take UpdatedAt from `trivy version --format json`, or ask for cosign's form.",
    );
  const { open, answered: excused } = divide(report.vulnerabilities, options.vex);
  const predicate = {
    scanner: {
      uri,
      ...present({ version }),
      db: {
        ...present({ uri: database.uri, version: database.version }),
        lastUpdate: inUtc(database.updated, "when the database was updated"),
      },
      result: open.map(resultOf),
    },
    metadata,
    ...(excused.length === 0 ? {} : { attest_vex: excused.map(describeAnswer) }),
  };
  return {
    predicateType: vulnerabilitiesV02.predicateType,
    bytes: writePredicate(vulnerabilitiesV02, predicate),
    open,
    answered: excused,
  };
}

function divide(
  found: readonly ScannedVulnerability[],
  vex: VexAnswers | undefined,
): Pick<ScanPredicate, "open" | "answered"> {
  const answers = found.map((vulnerability) => ({
    vulnerability,
    answer: vex === undefined ? undefined : answered(vex, vulnerability),
  }));
  return {
    open: answers.filter(({ answer }) => answer === undefined).map(({ vulnerability }) => vulnerability),
    answered: answers.flatMap(({ vulnerability, answer }) =>
      answer === undefined ? [] : [{ vulnerability, answer }],
    ),
  };
}

function resultOf(found: ScannedVulnerability) {
  const {
    id,
    severity,
    severitySource,
    cvss,
    aliases,
    packageName,
    installedVersion,
    fixedVersion,
    purl,
    url,
  } = found;
  const annotations = present({
    package: packageName,
    installedVersion,
    fixedVersion,
    purl,
    url,
    aliases: aliases.length === 0 ? undefined : aliases,
  });
  return {
    id,
    severity: [
      { method: severitySource, score: severity },
      ...(cvss === undefined ? [] : [{ method: `cvss_v${cvss.version}`, score: String(cvss.score) }]),
    ],
    ...(Object.keys(annotations).length === 0 ? {} : { annotations: [annotations] }),
  };
}

/** Ours: what was taken out of the result, on whose word. */
function describeAnswer({ vulnerability, answer }: AnsweredVulnerability) {
  return {
    id: vulnerability.id,
    ...present({ purl: vulnerability.purl }),
    status: answer.status,
    ...present({ justification: answer.justification, document: answer.document }),
  };
}

function lacking(expected: string, next: string): AttestError {
  return new AttestError("REPORT_INVALID", "the report does not say all that the predicate needs", {
    problems: [{ path: "", expected, got: "nothing" }],
    next,
  });
}
