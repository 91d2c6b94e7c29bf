/** Predicates that are made of what a pipeline has in its hands, as attestations without subjects. */
import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";

import { dag, type File } from "@dagger.io/dagger";

import { AttestError } from "../error.js";
import { readPredicate, writePredicate, type PredicateDefinition } from "../predicates/definition.js";
import { openVex } from "../predicates/openvex.js";
import { release, releaseV02 } from "../predicates/release.js";
import { readTestReports } from "../predicates/test-report/read.js";
import { testResult, testResultV01 } from "../predicates/test-result.js";
import { summariseTests } from "../predicates/test-summary.js";
import { traceUrlV1 } from "../predicates/trace-url.js";
import { fileDigests } from "../subjects/file.js";
import {
  vexDocument,
  writeVex,
  type VexJustification,
  type VexStatus,
} from "../vulnerabilities/vex-document.js";
import { summariseVex } from "../vulnerabilities/vex-summary.js";
import { Attestation } from "./attestation.js";
import { localFile, returnedFile, scratchDirectory } from "./files.js";

/** Reads the reports of one run of tests. */
export async function attestTestResult(
  reports: readonly File[],
  configuration: readonly File[],
  url: string | undefined,
): Promise<Attestation> {
  if (reports.length === 0)
    throw new AttestError("ARGUMENT_INVALID", "a test result is made of at least one report", {
      next: "Give the files that the test runner wrote, as in --reports=junit.xml.",
    });
  const outcomes = await readTestReports(
    await Promise.all(
      reports.map(async (file) => ({
        name: await file.name(),
        bytes: await readFile(await localFile(file)),
      })),
    ),
  );
  const result = testResult({
    outcomes,
    configuration: await Promise.all(configuration.map(descriptorOf)),
    ...(url ? { url } : {}),
  });
  return attest(testResultV01, result, summariseTests(result));
}

async function descriptorOf(file: File): Promise<{ name: string; digest: Record<string, string> }> {
  const { sha256 } = await fileDigests(await localFile(file));
  return { name: await file.name(), digest: { sha256 } };
}

export type VexArguments = {
  readonly document: File | undefined;
  readonly vulnerabilities: readonly string[];
  readonly status: VexStatus | undefined;
  readonly justification: VexJustification | undefined;
  readonly impact: string | undefined;
  readonly action: string | undefined;
  readonly products: readonly string[];
  readonly author: string | undefined;
  readonly created: string | undefined;
};

/** Takes an OpenVEX document byte for byte, or writes one. */
export async function attestVex(given: VexArguments): Promise<Attestation> {
  const { document, vulnerabilities, status, author } = given;
  if (document !== undefined) {
    if (vulnerabilities.length > 0 || status !== undefined)
      throw vexArguments("a document or the words of a statement", "both");
    const predicate = readPredicate(openVex, await readFile(await localFile(document)));
    return new Attestation(openVex.predicateType, document, [], summaryOf(summariseVex(predicate)));
  }
  if (status === undefined)
    throw vexArguments("a document, or vulnerabilities, a status and an author", "no status");
  const { justification, impact, action, products, created } = given;
  const written = vexDocument({
    vulnerabilities,
    status,
    author: author ?? "",
    products,
    created: created ?? new Date().toISOString(),
    ...(justification === undefined ? {} : { justification }),
    ...(impact ? { impact } : {}),
    ...(action ? { action } : {}),
  });
  return attestBytes(openVex.predicateType, writeVex(written), summariseVex(written));
}

function vexArguments(expected: string, got: string): AttestError {
  return new AttestError("ARGUMENT_INVALID", "VEX is a document, or said in a few words", {
    problems: [{ path: "", expected, got }],
    next: "Give --document, or --vulnerabilities, --status and --author.",
  });
}

/** Says that the subjects are a version of a package. */
export async function attestRelease(purl: string, packageId: string | undefined): Promise<Attestation> {
  return attest(releaseV02, release(purl, packageId), `release of ${purl}`);
}

/** Says where the run can be looked at. */
export async function attestTraceUrl(url: string | undefined): Promise<Attestation> {
  const traceURL = url || (await currentTraceUrl());
  return attest(traceUrlV1, { traceURL }, `trace at ${traceURL}`);
}

async function currentTraceUrl(): Promise<string> {
  try {
    return await dag.cloud().traceURL();
  } catch (cause) {
    throw new AttestError("ARGUMENT_INVALID", "this run has no trace in Dagger Cloud", {
      next: "Log in to Dagger Cloud (dagger login), or give the address, as in --url=https://dagger.cloud/...",
      cause,
    });
  }
}

async function attest<T>(
  definition: PredicateDefinition<T>,
  predicate: T,
  summary: string,
): Promise<Attestation> {
  return attestBytes(definition.predicateType, writePredicate(definition, predicate), summary);
}

async function attestBytes(predicateType: string, bytes: Uint8Array, summary: string): Promise<Attestation> {
  const path = join(await scratchDirectory(), "predicate.json");
  await writeFile(path, bytes);
  return new Attestation(predicateType, returnedFile(path), [], summaryOf(summary));
}

function summaryOf(summary: string): string {
  return `${summary}\nno subject so far`;
}
