/** Attestations from wherever they come, side by side. */
import { rename } from "node:fs/promises";
import { basename, join } from "node:path";

import type { Directory, File } from "@dagger.io/dagger";

import { AttestError } from "../error.js";
import { signStatementFile, type SigningOptions } from "../signing/sign.js";
import { fileSource } from "../signing/source.js";
import { readStatement } from "../statement/read.js";
import { readBundle } from "../verification/bundle/read.js";
import { fileOf, type AttestationLike } from "./attestation-like.js";
import { localFile, returnedDirectory, scratchDirectory } from "./files.js";

export type Collected = { readonly directory: Directory; readonly summary: string };

/** What a file is, in a line for people. */
type Found = { readonly kind: "statement" | "bundle"; readonly line: string };

/**
 * Takes the files of objects and files, looks into each, and puts them into one directory.
 * @throws AttestError ARGUMENT_INVALID when there are none; STATEMENT_INVALID and BUNDLE_INVALID when one is
 * neither a statement nor a bundle.
 */
export async function collect(
  attestations: readonly AttestationLike[],
  files: readonly File[],
): Promise<Collected> {
  const given = [...(await Promise.all(attestations.map(fileOf))), ...files];
  if (given.length === 0)
    throw new AttestError("ARGUMENT_INVALID", "there is nothing to collect", {
      next: "Give attestations of any module, or files, as in --files=sbom.intoto.json.",
    });
  return gather(given, async (path) => ({ path, found: await look(path) }));
}

/** The same files with every statement signed. */
export async function signAll(files: readonly File[], signing: SigningOptions): Promise<Collected> {
  return gather(files, async (path) => {
    const found = await look(path);
    if (found.kind === "bundle") return { path, found };
    const signed = join(await scratchDirectory(), "signed");
    await signStatementFile(path, signed, signing);
    return { path: signed, found: { kind: "bundle", line: found.line.replace("not signed", "signed") } };
  });
}

/** The files of a collection in their order. */
export async function filesOf(directory: Directory): Promise<File[]> {
  const names = await directory.entries();
  return names.toSorted((one, other) => parseInt(one) - parseInt(other)).map((name) => directory.file(name));
}

type Placed = { readonly path: string; readonly found: Found };

async function gather(files: readonly File[], place: (path: string) => Promise<Placed>): Promise<Collected> {
  const directory = await scratchDirectory();
  const lines: string[] = [];
  // One after the other: each may be large.
  for (const [at, file] of files.entries()) {
    const { path, found } = await place(await localFile(file));
    const name = `${at + 1}.${found.kind === "bundle" ? "sigstore" : "intoto"}.json`;
    await rename(path, join(directory, basename(name)));
    lines.push(`${name}: ${found.line}`);
  }
  return { directory: returnedDirectory(directory), summary: lines.join("\n") };
}

async function look(path: string): Promise<Found> {
  try {
    const { header } = await readStatement(path);
    return { kind: "statement", line: `${header.predicateType}, not signed` };
  } catch (error) {
    if (!(error instanceof AttestError) || !error.message.includes("a signed")) throw error;
  }
  const { content } = await readBundle(await fileSource(path));
  return { kind: "bundle", line: content.kind === "envelope" ? "a bundle" : "a bundle about a file" };
}
