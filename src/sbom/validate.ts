import type { ErrorObject } from "ajv";

import { AttestError, type Problem } from "../error.js";
import { describeValue, isObject } from "../statement/json-value.js";
import { cycloneProblems } from "./cyclonedx.js";
import { lastLines } from "./failure.js";
import { dottedPath } from "./path.js";
import type { SbomDocument, SbomFormat } from "./types.js";

export type SbomText = {
  readonly text: string;
  readonly format: SbomFormat;
  /** What the scanner printed on stderr; its last lines stand in the error. */
  readonly stderr?: string;
};

/**
 * Reads an SBOM and checks it against the schema of its format: SPDX 2.3
 * (https://spdx.github.io/spdx-spec/v2.3/), or CycloneDX in the version that the document itself
 * names, 1.2 to 1.7 (https://cyclonedx.org/specification/overview/).
 *
 * @throws AttestError SBOM_INVALID: what was expected, what was got, and the scanner's last lines
 */
export async function validateSbom(given: SbomText): Promise<SbomDocument> {
  const document = parse(given);
  const problems = await (given.format === "spdx-json" ? spdxProblems(document) : cycloneProblems(document));
  if (problems.length > 0) throw invalid(given, problems);
  return document;
}

function parse(given: SbomText): SbomDocument {
  const expected = `${formatNames[given.format]} as a JSON object`;
  if (given.text.trim() === "") throw invalid(given, [{ path: "", expected, got: "nothing" }]);
  let document: unknown;
  try {
    document = JSON.parse(given.text);
  } catch (cause) {
    throw invalid(
      given,
      [{ path: "", expected, got: `no JSON: ${describeValue(given.text.slice(0, 200))}` }],
      cause,
    );
  }
  if (!isObject(document)) throw invalid(given, [{ path: "", expected, got: describeValue(document) }]);
  const found = formatOf(document);
  if (found === given.format) return document;
  throw invalid(given, [
    { path: "", expected, got: found === undefined ? "neither SPDX nor CycloneDX" : formatNames[found] },
  ]);
}

const formatNames: Readonly<Record<SbomFormat, string>> = {
  "spdx-json": "an SPDX 2.3 document",
  "cyclonedx-json": "a CycloneDX document",
};

function formatOf(document: SbomDocument): SbomFormat | undefined {
  if (document["spdxVersion"] !== undefined) return "spdx-json";
  return document["bomFormat"] === "CycloneDX" ? "cyclonedx-json" : undefined;
}

async function spdxProblems(document: SbomDocument): Promise<Problem[]> {
  const version = document["spdxVersion"];
  if (version !== "SPDX-2.3")
    return [{ path: "spdxVersion", expected: '"SPDX-2.3"', got: describeValue(version) }];
  const { Ajv } = await import("ajv");
  const { spdxSchema } = await import("./spdx-schema.js");
  const validate = new Ajv({ allErrors: true, verbose: true }).compile(spdxSchema());
  return validate(document) ? [] : (validate.errors ?? []).map(schemaProblem);
}

function schemaProblem(error: ErrorObject): Problem {
  return {
    path: dottedPath(error.instancePath),
    expected: error.message?.replace(/^must /, "") ?? "what the schema says",
    got: error.keyword === "required" ? "nothing" : describeValue(error.data),
  };
}

function invalid({ format, stderr }: SbomText, problems: readonly Problem[], cause?: unknown): AttestError {
  const said = stderr === undefined ? "" : `\n${lastLines(stderr)}`;
  return new AttestError("SBOM_INVALID", `what the scanner wrote is not ${formatNames[format]}${said}`, {
    problems,
    next: "Take the scanner's image that this module pins, or one of the same version, and look at its lines above.",
    ...(cause === undefined ? {} : { cause }),
  });
}
