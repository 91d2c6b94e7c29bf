import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";

import { dag, ReturnType, type Container, type Directory, type File } from "@dagger.io/dagger";

import { AttestError } from "../error.js";
import { vexAnswers, type VexAnswers } from "../policy/vex-answers.js";
import { readVex } from "../policy/vex.js";
import { scannerFailure } from "../sbom/failure.js";
import {
  databaseDownload,
  databaseGeneration,
  trivyCache,
  trivyDatabase,
  trivyDatabasePath,
  trivyMetadataPath,
  vulnerabilityPlan,
} from "../vulnerabilities/plan.js";
import { scanPredicate, type ScanFormat } from "../vulnerabilities/predicate.js";
import { readScanReport } from "../vulnerabilities/read.js";
import { summariseScan } from "../vulnerabilities/summary.js";
import type { ScanDatabase, ScanReport } from "../vulnerabilities/types.js";
import { Attestation } from "./attestation.js";
import { localFile, returnedFile, scratchDirectory } from "./files.js";
import { chooseTarget, runScan, type ScanTarget, type TargetArguments } from "./scan.js";
import { exposeSubject } from "./subject.js";
import type { Described } from "./subjects.js";

export type VulnerabilityArguments = TargetArguments & {
  readonly name: string | undefined;
  /** A report that is there already; Trivy is not run then. */
  readonly report: File | undefined;
  readonly format: ScanFormat;
  /** Trivy's cache directory with its database. */
  readonly database: Directory | undefined;
  /** For a report that does not say it. */
  readonly databaseUpdated: string | undefined;
  readonly vex: readonly File[];
  readonly trivyImage: string;
};

type Scanned = { readonly report: ScanReport; readonly database: ScanDatabase };

/** Scans a value, or takes the report that is there, and makes an attestation of it. */
export async function attestVulnerabilities(given: VulnerabilityArguments): Promise<Attestation> {
  const target = targetOf(given);
  const name = (await target?.name(given.name)) ?? "";
  const [described, { report, database }] = await Promise.all([
    target === undefined ? nothing : target.describe(name),
    target === undefined || given.report !== undefined ? readReport(given) : scan(given, target, name),
  ]);
  const vex = await answersOf(given.vex, described);
  const predicate = scanPredicate(report, {
    format: given.format,
    database,
    ...(vex === undefined ? {} : { vex }),
  });
  const path = join(await scratchDirectory(), "vulnerabilities.json");
  await writeFile(path, predicate.bytes);
  const summary = summariseScan(report, predicate, name || "no subject so far");
  return new Attestation(
    predicate.predicateType,
    returnedFile(path),
    described.subjects.map(exposeSubject),
    [...described.notes, summary].join("\n"),
  );
}

const nothing: Described = { subjects: [], notes: [] };

/** A report may come without its subject, which is then added as for any other attestation. */
function targetOf(given: VulnerabilityArguments): ScanTarget | undefined {
  const { container, directory, file, report } = given;
  if (report !== undefined && !container && !directory && !file) return undefined;
  return chooseTarget(given, "a scan is of one thing");
}

async function readReport({ report, databaseUpdated, database }: VulnerabilityArguments): Promise<Scanned> {
  if (report === undefined) throw new AttestError("ARGUMENT_INVALID", "there is nothing to scan");
  const bytes = await readFile(await localFile(report));
  return {
    report: readScanReport(bytes, await report.name()),
    database: {
      ...(database === undefined ? {} : await metadataOf(database)),
      ...(databaseUpdated ? { updated: databaseUpdated } : {}),
    },
  };
}

async function scan(given: VulnerabilityArguments, target: ScanTarget, name: string): Promise<Scanned> {
  const trivy = dag.container().from(given.trivyImage);
  const database = given.database ?? (await downloadDatabase(trivy));
  const plan = vulnerabilityPlan({
    source: target.source,
    name,
    ...(given.file === undefined ? {} : { fileName: await given.file.name() }),
  });
  const withDatabase = trivy.withMountedDirectory(
    `${trivyCache}/${trivyDatabasePath}`,
    database.directory(trivyDatabasePath),
  );
  const ran = await runScan(withDatabase, plan, target);
  await assertSuccess(ran);
  const bytes = await readFile(await localFile(ran.file(plan.outputPath)));
  return { report: readScanReport(bytes, "Trivy's report"), database: await metadataOf(database) };
}

/** A layer of its own: scans that follow use it until a new database can be expected. */
async function downloadDatabase(trivy: Container): Promise<Directory> {
  const downloaded = await trivy
    .withEnvVariable("ATTEST_DATABASE_GENERATION", databaseGeneration(new Date()))
    .withExec([...databaseDownload()], { expect: ReturnType.Any })
    .sync();
  await assertSuccess(downloaded);
  return downloaded.directory(trivyCache);
}

async function assertSuccess(ran: Container): Promise<void> {
  const exitCode = await ran.exitCode();
  if (exitCode !== 0) throw scannerFailure({ scanner: "trivy", exitCode, stderr: await ran.stderr() });
}

async function metadataOf(database: Directory): Promise<ScanDatabase> {
  return trivyDatabase(await readFile(await localFile(database.file(trivyMetadataPath))));
}

async function answersOf(files: readonly File[], { subjects }: Described): Promise<VexAnswers | undefined> {
  if (files.length === 0) return undefined;
  const documents: unknown[] = [];
  for (const file of files) documents.push(readVex(await readFile(await localFile(file)), await file.name()));
  const digests = Object.assign({}, ...subjects.map(({ digest }) => digest)) as Record<string, string>;
  return vexAnswers(documents, { name: subjects[0]?.name ?? "", digests });
}
