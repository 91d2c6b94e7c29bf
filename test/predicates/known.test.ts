import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { afterAll, beforeAll, describe, expect, it } from "vitest";

import { predicateProblems } from "../../src/predicates/definition.js";
import { definitionOf, knownPredicates } from "../../src/predicates/known.js";
import { validatePredicateFile } from "../../src/predicates/validate.js";
import { projectRoot } from "../support/module.js";
import fc from "../support/property.js";
import { specificationExamples } from "./examples.js";
import { refusal } from "./support.js";

const problemsOf = (predicateType: string, predicate: unknown): string[] => {
  const definition = definitionOf(predicateType);
  if (definition === undefined) throw new Error(`not known: ${predicateType}`);
  return predicateProblems(definition, predicate).map(({ path, expected }) => `${path}: ${expected}`);
};

const exampleOf = (predicateType: string): Record<string, unknown> =>
  structuredClone(specificationExamples.find(([, type]) => type === predicateType)?.[2]) as Record<
    string,
    unknown
  >;

/** A copy with the value at a path replaced; undefined takes it away. */
function changed(value: unknown, path: readonly (string | number)[], to: unknown): unknown {
  const [first, ...rest] = path;
  if (first === undefined) return to;
  const inner = Object.entries(value as object).filter(([name]) => name !== String(first));
  const found = (value as Record<string | number, unknown>)[first];
  const replaced = changed(found, rest, to);
  if (Array.isArray(value)) return value.map((item: unknown, at) => (at === first ? replaced : item));
  return Object.fromEntries(replaced === undefined ? inner : [...inner, [first, replaced]]);
}

describe("known predicate types", () => {
  it.each(specificationExamples)("take the example of %s", (_name, predicateType, predicate) => {
    expect(problemsOf(predicateType, predicate)).toEqual([]);
  });

  it.each(specificationExamples)("keep extensions: %s", (_name, predicateType, predicate) => {
    expect(problemsOf(predicateType, { ...(predicate as object), example_extension: { any: 1 } })).toEqual(
      [],
    );
  });

  it("take the example of this project's own build type", async () => {
    const example = await readFile(
      join(projectRoot, "docs/build-types/dagger-pipeline-v1.example.json"),
      "utf8",
    );
    expect(problemsOf("https://slsa.dev/provenance/v1", JSON.parse(example))).toEqual([]);
  });

  it.each([
    [
      "provenance v0.2 as in-toto's Go library spells it",
      "https://slsa.dev/provenance/v0.2",
      { metadata: { buildInvocationID: "1234-1" } },
    ],
    [
      "provenance v0.2 of Tekton",
      "https://slsa.dev/provenance/v0.2",
      { buildType: "tekton.dev/v1beta1/TaskRun" },
    ],
    [
      "a verification summary of Google's",
      "https://slsa.dev/verification_summary/v1",
      { resourceUri: "gce_image://gke-node-images:gke-1276" },
    ],
  ])("take what others write: %s", (_name, predicateType, fields) => {
    expect(problemsOf(predicateType, { ...exampleOf(predicateType), ...fields })).toEqual([]);
  });

  it("are each known once", () => {
    const types = knownPredicates.map(({ predicateType }) => predicateType);
    expect(new Set(types).size).toBe(types.length);
  });

  it.each([
    ["https://slsa.dev/provenance/v1", {}, ["buildDefinition", "runDetails"]],
    ["https://slsa.dev/provenance/v0.2", {}, ["builder", "buildType"]],
    ["https://in-toto.io/attestation/vulns/v0.2", {}, ["scanner", "metadata"]],
    ["https://cosign.sigstore.dev/attestation/vuln/v1", {}, ["scanner", "metadata"]],
    ["https://openvex.dev/ns", {}, ["@context", "@id", "author", "timestamp", "version", "statements"]],
    ["https://in-toto.io/attestation/release/v0.2", {}, ["purl"]],
    ["https://in-toto.io/attestation/scai/v0.3", {}, ["attributes"]],
    ["https://in-toto.io/attestation/link/v0.3", {}, ["name"]],
    ["https://in-toto.io/attestation/reference/v0.1", {}, ["attester", "references"]],
    ["https://in-toto.io/attestation/runtime-trace/v0.1", {}, ["monitor", "monitoredProcess", "monitorLog"]],
    [
      "https://slsa.dev/verification_summary/v1",
      {},
      ["verifier", "resourceUri", "policy", "verificationResult", "verifiedLevels"],
    ],
    ["https://in-toto.io/attestation/svr/v0.2", {}, ["verifier", "timeCreated", "properties"]],
    ["https://dagger.io/evidence/trace-url/v1", {}, ["traceURL"]],
    [
      "https://spdx.dev/Document",
      { bomFormat: "CycloneDX" },
      ["spdxVersion", "SPDXID", "name", "creationInfo"],
    ],
    ["https://cyclonedx.org/bom", { spdxVersion: "SPDX-2.3" }, ["bomFormat", "specVersion"]],
  ])("name everything that %s lacks", (predicateType, predicate, paths) => {
    expect(problemsOf(predicateType, predicate).map((problem) => problem.split(":")[0])).toEqual(paths);
  });

  const scan = "https://in-toto.io/attestation/vulns/v0.2";
  const vex = "https://openvex.dev/ns/v0.2.0";
  const summary = "https://slsa.dev/verification_summary/v1";
  it.each<[string, (string | number)[], unknown, string]>([
    [scan, ["scanner", "result", 0, "id"], undefined, "scanner.result[0].id: "],
    [
      scan,
      ["scanner", "result", 0, "severity", 1, "score"],
      5.2,
      "scanner.result[0].severity[1].score: a string",
    ],
    [scan, ["scanner", "db", "lastUpdate"], "yesterday", "scanner.db.lastUpdate: a time in UTC"],
    [
      scan,
      ["metadata", "scanStartedOn"],
      "2021-08-06T17:45:50+02:00",
      "metadata.scanStartedOn: a time in UTC",
    ],
    [vex, ["statements"], [], "statements: at least 1 item"],
    [vex, ["statements", 0, "status"], "safe", "statements[0].status: not_affected or affected"],
    [vex, ["statements", 0, "status"], "not_affected", "statements[0]: a justification"],
    [vex, ["statements", 0, "status"], "affected", "statements[0].action_statement: "],
    [vex, ["statements", 0, "products", 1], {}, "statements[0].products[1]: a"],
    [vex, ["statements", 0, "vulnerability", "name"], "", "statements[0].vulnerability.name: a text"],
    [vex, ["@context"], "https://openvex.example/ns", "@context: https://openvex.dev/ns/v0.2.0"],
    [vex, ["version"], 0, "version: a whole number from 1"],
    [
      summary,
      ["verifiedLevels"],
      ["SLSA_BUILD_LEVEL_3", "SLSA_BUILD_LEVEL_2"],
      "verifiedLevels[1]: one level",
    ],
    [summary, ["policy"], { digest: { sha256: "0".repeat(64) } }, "policy.uri: "],
    [summary, ["inputAttestations", 0, "digest"], undefined, "inputAttestations[0].digest: "],
    [summary, ["dependencyLevels", "SLSA_BUILD_LEVEL_3"], -1, "dependencyLevels.SLSA_BUILD_LEVEL_3: "],
    [
      "https://in-toto.io/attestation/release/v0.2",
      ["purl"],
      "pkg:npm/left-pad",
      "purl: a package URL with a version",
    ],
    [
      "https://in-toto.io/attestation/release/v0.2",
      ["purl"],
      "pkg:npm/@angular/http",
      "purl: a package URL with a version",
    ],
    ["https://in-toto.io/attestation/scai/v0.3", ["attributes"], [], "attributes: at least 1 item"],
    [
      "https://in-toto.io/attestation/reference/v0.1",
      ["references", 0, "mediaType"],
      undefined,
      "references[0].mediaType: ",
    ],
    ["https://in-toto.io/attestation/link/v0.3", ["materials", 0, "name"], undefined, "materials[0].name: "],
    ["https://dagger.io/evidence/trace-url/v1", ["traceURL"], "abcd1234", "traceURL: a URI"],
    ["https://dagger.io/evidence/trace-url/v1", ["traceURL"], "file:///etc/passwd", "traceURL: an http"],
    ["https://cyclonedx.org/bom/v1.4", ["specVersion"], "1.6", "specVersion: 1.4"],
  ])("%s: %j = %j is one problem", (predicateType, path, value, problem) => {
    const found = problemsOf(predicateType, changed(exampleOf(predicateType), path, value));
    expect(found).toEqual([expect.stringContaining(problem)]);
  });

  it("take two materials of one name for a problem", () => {
    const material = { name: "main.c", digest: { sha256: "0".repeat(64) } };
    expect(
      problemsOf("https://in-toto.io/attestation/link/v0.3", { name: "b", materials: [material, material] }),
    ).toEqual(["materials[1].name: a name that no other material has"]);
  });

  it("end with problems or none, whatever the predicate is", () => {
    fc.assert(
      fc.property(fc.jsonValue(), fc.constantFrom(...knownPredicates), (predicate, definition) => {
        expect(Array.isArray(predicateProblems(definition, predicate))).toBe(true);
      }),
    );
  });
});

describe("a predicate file", () => {
  let directory: string;
  beforeAll(async () => {
    directory = await mkdtemp(join(tmpdir(), "attest-test-"));
  });
  afterAll(() => rm(directory, { recursive: true, force: true }));

  const file = async (text: string): Promise<string> => {
    const path = join(directory, "predicate.json");
    await writeFile(path, text);
    return path;
  };

  it("of an unknown type is not looked at", async () => {
    const path = await file("{ not even JSON");
    expect(await validatePredicateFile("https://example.com/v1", path)).toEqual({ kind: "unknown" });
  });

  it("of a known type is valid, or refused with every path that is wrong", async () => {
    const type = "https://in-toto.io/attestation/release/v0.2";
    const valid = await validatePredicateFile(type, await file('\n{"purl":"pkg:pypi/urllib3@2.1.0"}\n'));
    expect(valid).toEqual({ kind: "valid", what: "a release" });
    const path = await file('{"purl":1,"packageId":2}');
    const error = await refusal(() => validatePredicateFile(type, path));
    expect(error.code).toBe("PREDICATE_INVALID");
    expect(error.problems.map((problem) => problem.path)).toEqual(["purl", "packageId"]);
    expect(error.next).toContain("release.md");
  });
});
