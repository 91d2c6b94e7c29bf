import { writeFile } from "node:fs/promises";
import { join } from "node:path";

import { dag, ReturnType, type Container, type Directory, type File } from "@dagger.io/dagger";

import { AttestError } from "../error.js";
import { scannerFailure } from "../sbom/failure.js";
import { finishSbom } from "../sbom/finish.js";
import { extractLayout } from "../sbom/layout.js";
import { scanPlan, type ScanInput, type ScanPlan } from "../sbom/plan.js";
import { predicateTypeOf } from "../sbom/predicate-type.js";
import type { SbomFormat, SbomScanner, ScanSource } from "../sbom/types.js";
import { Attestation } from "./attestation.js";
import {
  imageArchive,
  localFile,
  localImage,
  returnedDirectory,
  returnedFile,
  scratchDirectory,
} from "./files.js";
import { exposeSubject } from "./subject.js";
import { describeContainer, describeDirectory, describeFile, type Described } from "./subjects.js";

export type SbomArguments = {
  readonly container: Container | undefined;
  readonly directory: Directory | undefined;
  readonly file: File | undefined;
  readonly name: string | undefined;
  readonly scanner: SbomScanner;
  readonly format: SbomFormat;
  readonly created: string;
  /** The image that each scanner runs from. */
  readonly images: Readonly<Record<SbomScanner, string>>;
};

/** Scans the one value that is given and makes an attestation of the result about it. */
export async function attestSbom(given: SbomArguments): Promise<Attestation> {
  const target = chooseTarget(given);
  const { subjects, notes } = await target.describe(given.name);
  const request = {
    scanner: given.scanner,
    format: given.format,
    source: target.source,
    name: subjects[0]?.name ?? target.source,
    ...(given.file === undefined ? {} : { fileName: await given.file.name() }),
  };
  const plan = scanPlan(request);
  const scan = await runScan(given.images[given.scanner], plan, target);
  const stderr = await scan.stderr();
  const exitCode = await scan.exitCode();
  if (exitCode !== 0) throw scannerFailure({ scanner: given.scanner, exitCode, stderr });

  const predicatePath = join(await scratchDirectory(), "sbom.json");
  const outputPath = await localFile(scan.file(plan.outputPath));
  const summary = await finishSbom({
    request,
    plan,
    outputPath,
    stderr,
    created: given.created,
    predicatePath,
  });
  for (const warning of summary.warnings) console.warn(`warning: ${warning}`);
  return new Attestation(
    predicateTypeOf(given.format),
    returnedFile(predicatePath),
    subjects.map(exposeSubject),
    [...notes, summary.text].join("\n"),
  );
}

type Target = {
  readonly source: ScanSource;
  readonly describe: (name: string | undefined) => Promise<Described>;
  readonly mount: (scanner: Container, path: string, input: ScanInput) => Promise<Container>;
};

function chooseTarget({ container, directory, file }: SbomArguments): Target {
  const targets = [
    ...(container ? [containerTarget(container)] : []),
    ...(directory ? [directoryTarget(directory)] : []),
    ...(file ? [fileTarget(file)] : []),
  ];
  const [target, ...others] = targets;
  if (target !== undefined && others.length === 0) return target;
  const got = targets.map(({ source }) => (source === "image" ? "container" : source)).join(" and ");
  throw new AttestError("ARGUMENT_INVALID", "an SBOM is made of one thing", {
    problems: [
      { path: "", expected: "exactly one of container, directory and file", got: got || "none of them" },
    ],
    next: "Give one, as in --container=alpine:3.22, and call again for the others.",
  });
}

function containerTarget(container: Container): Target {
  return {
    source: "image",
    describe: (name) => describeContainer(container, name),
    mount: async (scanner, path, input) => {
      if (input !== "oci-layout") return scanner.withMountedFile(path, imageArchive(container));
      const layout = join(await scratchDirectory(), "layout");
      await extractLayout(await localImage(container), layout);
      return scanner.withMountedDirectory(path, returnedDirectory(layout));
    },
  };
}

function directoryTarget(directory: Directory): Target {
  return {
    source: "directory",
    describe: (name) => describeDirectory(directory, name),
    mount: (scanner, path) => Promise.resolve(scanner.withMountedDirectory(path, directory)),
  };
}

function fileTarget(file: File): Target {
  return {
    source: "file",
    describe: (name) => describeFile(file, name),
    mount: (scanner, path) => Promise.resolve(scanner.withMountedFile(path, file)),
  };
}

/** A scanner that fails is our error to word, so any exit code is accepted here. */
async function runScan(image: string, plan: ScanPlan, target: Target): Promise<Container> {
  let scanner = await target.mount(dag.container().from(image), plan.mountPath, plan.input);
  for (const { path, bytes } of plan.files) scanner = scanner.withMountedFile(path, await fileOf(bytes));
  for (const [name, value] of Object.entries(plan.env)) scanner = scanner.withEnvVariable(name, value);
  return scanner.withExec([...plan.args], { expect: ReturnType.Any }).sync();
}

async function fileOf(bytes: Uint8Array): Promise<File> {
  const path = join(await scratchDirectory(), "file");
  await writeFile(path, bytes);
  return returnedFile(path);
}
