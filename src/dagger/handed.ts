/** What is known of values that are handed to an observed function: digests of content, and names of secrets. */
import type { Container, Directory, File, Secret } from "@dagger.io/dagger";

import type { HandedValue } from "../provenance/recipe/collect.js";
import { secretAddress } from "../provenance/recipe/secret-address.js";
import { redactorFor } from "../provenance/redact.js";
import { describeContainer, describeDirectory, describeFile, type Described } from "./subjects.js";

export type SlotValues = {
  readonly container: Container | undefined;
  readonly directory: Directory | undefined;
  readonly file: File | undefined;
  readonly secret: Secret | undefined;
};

/** By the names of the arguments that a plan gives them to: `{ source: "directory" }`. */
export async function handedValues(
  slots: Readonly<Record<string, string>>,
  values: SlotValues,
): Promise<Record<string, HandedValue>> {
  const found: Record<string, HandedValue> = {};
  for (const [name, slot] of Object.entries(slots)) {
    const value = await describe(name, slot, values);
    if (value !== undefined) found[name] = value;
  }
  return found;
}

async function describe(name: string, slot: string, values: SlotValues): Promise<HandedValue | undefined> {
  const { container, directory, file, secret } = values;
  if (slot === "secret" && secret !== undefined) return { kind: "secret", ...(await nameOf(secret, name)) };
  if (slot === "directory" && directory !== undefined)
    return material("directory", name, await describeDirectory(directory, name));
  if (slot === "file" && file !== undefined) return material("file", name, await describeFile(file, name));
  if (slot === "container" && container !== undefined)
    return material("image", name, await describeContainer(container, name));
  return undefined;
}

function material(
  kind: "directory" | "file" | "image",
  name: string,
  { subjects }: Described,
): Exclude<HandedValue, { readonly kind: "secret" }> {
  return { kind, name, uri: `dagger:argument/${name}`, digests: subjects[0]?.digest ?? {} };
}

async function nameOf(secret: Secret, argument: string): Promise<{ name: string; provider: string }> {
  const uri = await secret.uri().catch(() => "");
  if (uri !== "") return secretAddress(uri, redactorFor([]));
  return { name: (await secret.name().catch(() => "")) || argument, provider: "unknown" };
}
