/** Provenance of a Dagger value as an attestation: what `provenance`, pipelines and publications share. */
import { createReadStream, createWriteStream } from "node:fs";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { Readable } from "node:stream";
import { pipeline } from "node:stream/promises";

import type { Container, Directory, File, Secret } from "@dagger.io/dagger";

import { AttestError } from "../error.js";
import { collectDeclared, type Declaration } from "../provenance/collect/declared.js";
import type { EngineMetadata } from "../provenance/collect/metadata.js";
import type { Collected } from "../provenance/evidence.js";
import { gatherEvidence, type GatheredValue } from "../provenance/gather/gather.js";
import type { HandedValue } from "../provenance/recipe/handed.js";
import { mergeEvidence } from "../provenance/merge/merge.js";
import { jsonChunks } from "../provenance/slsa/json.js";
import { provenancePredicate } from "../provenance/slsa/predicate.js";
import { provenancePredicateType, type ProvenanceMode } from "../provenance/slsa/types.js";
import { provenanceSummary } from "../provenance/summary.js";
import { type ImageDetails, imageDetails, imageSubjects } from "../subjects/image.js";
import { attestVersion } from "../version.js";
import { Attestation } from "./attestation.js";
import { localFile, localImage, returnedFile, scratchDirectory } from "./files.js";
import { sessionEngine, traceId } from "./session.js";
import { exposeSubject } from "./subject.js";
import { describeDirectory, describeFile, type Described } from "./subjects.js";

/** The one value that provenance is about. */
export type ValueArguments = {
  readonly container: Container | undefined;
  readonly directory: Directory | undefined;
  readonly file: File | undefined;
};

/** What further is known, and how much of it is written. */
export type ProvenanceArguments = {
  readonly mode: ProvenanceMode;
  readonly builderId: string | undefined;
  /** A trace that was recorded outside of the session. */
  readonly trace: File | undefined;
  readonly lockfile: File | undefined;
  /** Text of one that nobody named. */
  readonly foundLockfile?: string;
  /** Secrets whose plaintexts must not appear. */
  readonly secrets: readonly Secret[];
  /** What the author states. */
  readonly declaration?: Declaration;
  /** What is known of modules that took part. */
  readonly metadata?: EngineMetadata;
  /** Values that were handed to the function that was called, by the name of its argument. */
  readonly handed?: Readonly<Record<string, HandedValue>>;
};

/** A value with its subjects, exported so far as its evidence needs it. */
export type SubjectValue = GatheredValue & {
  readonly described: Described;
  /** Configuration and layers of the image, for a container. */
  readonly image?: ImageDetails;
};

/** Provenance of the one value that is given, with the value as its subject. */
export async function attestProvenance(
  value: ValueArguments,
  name: string | undefined,
  given: ProvenanceArguments,
): Promise<Attestation> {
  return provenanceOf(await subjectValue(value, name), given);
}

/**
 * Provenance of a value whose subjects are known already: a publication's, with the digest that the
 * registry reports.
 */
export async function provenanceOf(value: SubjectValue, given: ProvenanceArguments): Promise<Attestation> {
  const secrets = await Promise.all(given.secrets.map((secret) => secret.plaintext()));
  const collected: Collected[] = await gatherEvidence(sessionEngine(), value, {
    secrets,
    ...defined("imageConfig", value.image?.configuration),
    ...defined("hostTrace", await piecesOf(given.trace)),
    ...defined("lockfile", await textOf(given.lockfile)),
    ...defined("foundLockfile", given.foundLockfile),
    ...defined("traceId", traceId()),
    ...defined("metadata", given.metadata),
    ...defined("handed", given.handed),
  });
  if (given.declaration !== undefined) collected.push(collectDeclared(given.declaration));
  const predicate = provenancePredicate(mergeEvidence(collected), {
    mode: given.mode,
    valueType: value.type,
    builderVersion: { attest: attestVersion },
    ...defined("builderId", given.builderId || undefined),
    ...defined("image", value.image),
    ...defined("pipeline", given.declaration?.name),
  });
  const path = join(await scratchDirectory(), "provenance.json");
  await pipeline(Readable.from(jsonChunks(predicate)), createWriteStream(path));
  const { subjects, notes } = value.described;
  const summary = [...notes, provenanceSummary(predicate)].join("\n");
  return new Attestation(provenancePredicateType, returnedFile(path), subjects.map(exposeSubject), summary);
}

/**
 * The value and its subjects. It is made here, under this call's trace: what it takes shows in the
 * session's own telemetry.
 */
export async function subjectValue(given: ValueArguments, name: string | undefined): Promise<SubjectValue> {
  const { container, directory, file } = given;
  requireOne(given);
  if (container !== undefined) {
    await container.sync();
    const archive = await localImage(container);
    const { subjects } = await imageSubjects(archive, name || "container");
    const details = await imageDetails(archive);
    return {
      type: "Container",
      id: await container.id(),
      described: { subjects, notes: [] },
      ...defined("image", details),
    };
  }
  if (directory !== undefined) {
    await directory.sync();
    const described = await describeDirectory(directory, name);
    return { type: "Directory", id: await directory.id(), described };
  }
  const one = file as File;
  await one.sync();
  return { type: "File", id: await one.id(), described: await describeFile(one, name) };
}

function requireOne(given: ValueArguments): void {
  const names = Object.entries(given).flatMap(([name, value]) => (value === undefined ? [] : [name]));
  if (names.length === 1) return;
  throw new AttestError("ARGUMENT_INVALID", "provenance is of one value", {
    problems: [
      {
        path: "",
        expected: "exactly one of container, directory and file",
        got: names.join(" and ") || "none of them",
      },
    ],
    next: "Give one, and call again for the others.",
  });
}

async function piecesOf(file: File | undefined): Promise<AsyncIterable<string> | undefined> {
  return file === undefined ? undefined : createReadStream(await localFile(file), "utf8");
}

async function textOf(file: File | undefined): Promise<string | undefined> {
  return file === undefined ? undefined : readFile(await localFile(file), "utf8");
}

function defined<K extends string, V>(name: K, value: V | undefined): { readonly [name in K]?: V } {
  return value === undefined ? {} : ({ [name]: value } as { readonly [name in K]: V });
}
