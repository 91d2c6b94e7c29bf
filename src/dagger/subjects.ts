/** What a value of a pipeline is called and digested as: the core's subjects of Dagger's values. */
import type { Container, Directory, File } from "@dagger.io/dagger";

import type { Subject } from "../statement/types.js";
import { directoryDigests } from "../subjects/directory.js";
import { fileDigests } from "../subjects/file.js";
import { imageSubjects } from "../subjects/image.js";
import { localDirectory, localFile, localImage } from "./files.js";

/** Subjects, and what has to be said about them. */
export type Described = { readonly subjects: readonly Subject[]; readonly notes: readonly string[] };

export async function describeFile(file: File, name: string | undefined): Promise<Described> {
  const digest = await fileDigests(await localFile(file));
  return { subjects: [{ name: name || (await file.name()), digest }], notes: [] };
}

export async function describeDirectory(directory: Directory, name: string | undefined): Promise<Described> {
  const { omitted, ...digest } = await directoryDigests(await localDirectory(directory));
  return {
    subjects: [{ name: name || "directory", digest }],
    notes: omitted.map(({ algorithm, reason }) => `no ${algorithm} digest: ${reason}`),
  };
}

export async function describeContainer(
  container: Container,
  name: string | undefined,
  platformVariants: Container[] = [],
): Promise<Described> {
  const path = await localImage(container, platformVariants);
  const { subjects } = await imageSubjects(path, name || "container");
  return { subjects, notes: [] };
}
