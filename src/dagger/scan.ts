/** What a scanner looks into, and how it is run on it. */
import { writeFile } from "node:fs/promises";
import { join } from "node:path";

import { ReturnType, type Container, type Directory, type File } from "@dagger.io/dagger";

import { AttestError } from "../error.js";
import { extractLayout } from "../sbom/layout.js";
import type { ScanInput, ScanPlan } from "../sbom/plan.js";
import type { ScanSource } from "../sbom/types.js";
import { imageArchive, localImage, returnedDirectory, returnedFile, scratchDirectory } from "./files.js";
import { describeContainer, describeDirectory, describeFile, type Described } from "./subjects.js";

export type ScanTarget = {
  readonly source: ScanSource;
  /** What it is called: as asked for, else by itself. */
  readonly name: (asked: string | undefined) => Promise<string>;
  readonly describe: (name: string) => Promise<Described>;
  readonly mount: (scanner: Container, path: string, input: ScanInput) => Promise<Container>;
};

export type TargetArguments = {
  readonly container: Container | undefined;
  readonly directory: Directory | undefined;
  readonly file: File | undefined;
  /** A platform of an image in a registry or layout, in the place of the three. */
  readonly image?: ScanTarget;
};

/** The image that each scanner runs from, as objects carry it. */
export type ScannerImages = { readonly syftImage: string; readonly trivyImage: string };

/** The one value that is given; `rule` is the error for none and for several. */
export function chooseTarget(given: TargetArguments, rule: string): ScanTarget {
  const { container, directory, file, image } = given;
  if (image !== undefined) return image;
  const targets = [
    ...(container ? [containerTarget(container)] : []),
    ...(directory ? [directoryTarget(directory)] : []),
    ...(file ? [fileTarget(file)] : []),
  ];
  const [target, ...others] = targets;
  if (target !== undefined && others.length === 0) return target;
  const got = targets.map(({ source }) => (source === "image" ? "container" : source)).join(" and ");
  throw new AttestError("ARGUMENT_INVALID", rule, {
    problems: [
      { path: "", expected: "exactly one of container, directory and file", got: got || "none of them" },
    ],
    next: "Give one, as in --container=alpine:3.22, and call again for the others.",
  });
}

function containerTarget(container: Container): ScanTarget {
  return {
    source: "image",
    name: (asked) => Promise.resolve(asked || "container"),
    describe: async (name) => {
      const { subjects, notes } = await describeContainer(container, name);
      return { subjects, notes: [...notes, ...(await pulledNotes(container))] };
    },
    mount: async (scanner, path, input) => {
      if (input !== "oci-layout") return scanner.withMountedFile(path, imageArchive(container));
      const layout = join(await scratchDirectory(), "layout");
      await extractLayout(await localImage(container), layout);
      return scanner.withMountedDirectory(path, returnedDirectory(layout));
    },
  };
}

/** An image that was pulled and not changed has another manifest in its registry than the one exported here. */
async function pulledNotes(container: Container): Promise<string[]> {
  // The engine answers straight after `from` only.
  const reference = await container.imageRef().catch(() => undefined);
  if (reference === undefined) return [];
  return [
    `the subject is the manifest that publishing this container makes; of ${reference} itself, as its registry ` +
      "has it: `image --reference=... sbom`",
  ];
}

function directoryTarget(directory: Directory): ScanTarget {
  return {
    source: "directory",
    name: (asked) => Promise.resolve(asked || "directory"),
    describe: (name) => describeDirectory(directory, name),
    mount: (scanner, path) => Promise.resolve(scanner.withMountedDirectory(path, directory)),
  };
}

function fileTarget(file: File): ScanTarget {
  return {
    source: "file",
    name: async (asked) => asked || (await file.name()),
    describe: (name) => describeFile(file, name),
    mount: (scanner, path) => Promise.resolve(scanner.withMountedFile(path, file)),
  };
}

/** A scanner that fails is our error to word, so any exit code is accepted here. */
export async function runScan(
  scannerContainer: Container,
  plan: ScanPlan,
  target: ScanTarget,
): Promise<Container> {
  let scanner = await target.mount(scannerContainer, plan.mountPath, plan.input);
  for (const { path, bytes } of plan.files) scanner = scanner.withMountedFile(path, await fileOf(bytes));
  for (const [name, value] of Object.entries(plan.env)) scanner = scanner.withEnvVariable(name, value);
  return scanner.withExec([...plan.args], { expect: ReturnType.Any }).sync();
}

async function fileOf(bytes: Uint8Array): Promise<File> {
  const path = join(await scratchDirectory(), "file");
  await writeFile(path, bytes);
  return returnedFile(path);
}
