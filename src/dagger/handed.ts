/** What is known of values that are handed to an observed function: digests of content, and names of secrets. */
import { dag, type Container, type Directory, type File, type Secret } from "@dagger.io/dagger";

import type { ContextualValue } from "../provenance/observe/context.js";
import { handedUri } from "../provenance/locators.js";
import { argumentOf } from "../provenance/observe/plan.js";
import type { HandedValue } from "../provenance/recipe/handed.js";
import { secretAddress } from "../provenance/recipe/secret-address.js";
import { redactorFor } from "../provenance/redact.js";
import { describeContainer, describeDirectory, describeFile, type Described } from "./subjects.js";

export type SlotValues = {
  readonly container: Container | undefined;
  readonly directory: Directory | undefined;
  readonly file: File | undefined;
  readonly secret: Secret | undefined;
};

/** By the keys of the arguments that a plan gives them to: `{ "build.source": "directory" }`. */
export async function handedValues(
  slots: Readonly<Record<string, string>>,
  values: SlotValues,
): Promise<Record<string, HandedValue>> {
  const found: Record<string, HandedValue> = {};
  for (const [key, slot] of Object.entries(slots)) {
    const value = await describe(argumentOf(key), slot, values);
    if (value !== undefined) found[key] = value;
  }
  return found;
}

/**
 * What the engine takes of the module's source where nothing was handed in, by the keys of the arguments.
 * @param served the directory that the module is served from
 */
export async function defaultValues(
  contextual: Readonly<Record<string, ContextualValue>>,
  served: Directory,
): Promise<Record<string, HandedValue>> {
  const found: Record<string, HandedValue> = {};
  for (const [key, { kind, path, ignore }] of Object.entries(contextual)) {
    const name = argumentOf(key);
    found[key] =
      kind === "file"
        ? material("file", name, await describeFile(served.file(path), name))
        : material("directory", name, await describeDirectory(without(served, path, ignore), name));
  }
  return found;
}

/** As the engine does it: a pattern is held against paths below the directory that was taken out. */
function without(served: Directory, path: string, ignore: readonly string[]): Directory {
  const taken = path === "/" ? served : served.directory(path);
  return ignore.length === 0 ? taken : dag.directory().withDirectory("/", taken, { exclude: [...ignore] });
}

async function describe(name: string, slot: string, values: SlotValues): Promise<HandedValue | undefined> {
  const { container, directory, file, secret } = values;
  if (slot === "secret" && secret !== undefined) return { kind: "secret", ...(await nameOf(secret, name)) };
  if (slot === "directory" && directory !== undefined)
    return {
      ...material("directory", name, await describeDirectory(directory, name)),
      id: await directory.id(),
    };
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
  return { kind, name, uri: `${handedUri}${name}`, digests: subjects[0]?.digest ?? {} };
}

async function nameOf(secret: Secret, argument: string): Promise<{ name: string; provider: string }> {
  const uri = await secret.uri().catch(() => "");
  if (uri !== "") return secretAddress(uri, redactorFor([]));
  return { name: (await secret.name().catch(() => "")) || argument, provider: "unknown" };
}
