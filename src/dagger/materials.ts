/** Materials as the author of a pipeline names them, with digests that are taken of the values themselves. */
import type { Container, Directory, File, GitRef } from "@dagger.io/dagger";

import { AttestError } from "../error.js";
import type { DeclaredMaterial } from "../provenance/collect/declared.js";
import { gitLocator, imageLocator } from "../provenance/locators.js";
import { textArgument } from "../provenance/recipe/call.js";
import { decodeRecipe } from "../recipe/index.js";
import { parseDigests } from "../subjects/digests.js";
import { imageReferenceSubject } from "../subjects/reference.js";
import { describeDirectory, describeFile } from "./subjects.js";

/** Source code: a git ref by its commit, or a directory by its content. */
export async function sourceMaterial(
  name: string,
  ref: GitRef | undefined,
  directory: Directory | undefined,
  url: string | undefined,
): Promise<DeclaredMaterial> {
  requireOne(`source ${name}`, { ref, directory });
  if (ref === undefined) return directoryMaterial(name, directory as Directory, url);
  const [commit, fullName, known] = await Promise.all([ref.commit(), ref.ref(), url || repositoryOf(ref)]);
  if (known === undefined)
    throw new AttestError("ARGUMENT_INVALID", `where source ${name} is from can't be told`, {
      problems: [
        { path: "url", expected: "the repository's URL: this engine does not tell it", got: "none" },
      ],
      next: "Say it, as in --url=https://github.com/example/app.",
    });
  const { uri } = gitLocator(known, fullName || commit);
  return { name, kind: "git", uri, digests: { gitCommit: commit } };
}

/** URL that a ref was taken from, where ids are recipes. */
async function repositoryOf(ref: GitRef): Promise<string | undefined> {
  const id = await decodeRecipe(await ref.id());
  if (id.kind !== "recipe") return undefined;
  let call = id.calls.get(id.root);
  while (call !== undefined && call.field !== "git")
    call = call.receiver === undefined ? undefined : id.calls.get(call.receiver);
  return call === undefined ? undefined : textArgument(call, "url");
}

/** Anything else: a file or a directory by its content, or something elsewhere by the digests that are given. */
export async function otherMaterial(
  name: string,
  file: File | undefined,
  directory: Directory | undefined,
  uri: string | undefined,
  digests: readonly string[],
): Promise<DeclaredMaterial> {
  const reference = digests.length === 0 ? undefined : digests;
  requireOne(`material ${name}`, { file, directory, digests: reference });
  if (directory !== undefined) return directoryMaterial(name, directory, uri);
  if (file !== undefined) {
    const digest = (await describeFile(file, name)).subjects[0]?.digest ?? {};
    return { name, kind: "file", uri: uri || localUri(name), digests: digest };
  }
  if (uri) return { name, kind: "other", uri, digests: parseDigests(digests) };
  throw new AttestError("ARGUMENT_INVALID", `where material ${name} is can't be told`, {
    problems: [{ path: "uri", expected: "a URI beside the digests", got: "none" }],
    next: "Say it, as in --uri=https://example.com/tool.tar.gz.",
  });
}

/** An image, by the digest that its reference was resolved to. */
export async function imageMaterial(image: Container, name: string | undefined): Promise<DeclaredMaterial> {
  let reference;
  try {
    reference = await image.imageRef();
    imageReferenceSubject(reference);
  } catch (cause) {
    throw new AttestError("ARGUMENT_INVALID", "the container is no image of a registry", {
      problems: [
        { path: "image", expected: "an image as it was pulled", got: "a container that was changed" },
      ],
      next: "Give the image itself, as in --image=alpine:3.22; for what was built, use with-material.",
      cause,
    });
  }
  const { uri, digests } = imageLocator(reference);
  return { name: name || (reference.split("@", 1)[0] ?? reference), kind: "image", uri, digests };
}

async function directoryMaterial(
  name: string,
  directory: Directory,
  uri: string | undefined,
): Promise<DeclaredMaterial> {
  const digests = (await describeDirectory(directory, name)).subjects[0]?.digest ?? {};
  return { name, kind: "directory", uri: uri || localUri(name), digests };
}

function localUri(name: string): string {
  return `local:${encodeURI(name)}`;
}

function requireOne(what: string, given: Readonly<Record<string, unknown>>): void {
  const names = Object.keys(given);
  const got = names.filter((name) => given[name] !== undefined);
  if (got.length === 1) return;
  throw new AttestError("ARGUMENT_INVALID", `${what} is one thing`, {
    problems: [
      { path: "", expected: `exactly one of ${names.join(", ")}`, got: got.join(" and ") || "none of them" },
    ],
    next: "Give one, and declare the others on their own.",
  });
}
