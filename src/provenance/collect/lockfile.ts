/**
 * Dagger's lockfile, `.dagger/lock` (version 1) and `dagger.lock` (version 2): JSON lines, the version
 * first, then `[namespace, operation, inputs, value, policy?]`. It holds what the previous run of the
 * whole workspace resolved, so it never proves what went into a value; it names tags and confirms digests.
 * https://docs.dagger.io/reference/cli/lockfiles
 */
import { AttestError } from "../../error.js";
import { type Collected, evidenceFrom } from "../evidence.js";
import type { Material } from "../evidence/material.js";
import { isRecord, textOf } from "../json.js";
import { gitLocator, imageLocator, isCommit, type Locator, moduleLocator } from "../locators.js";

/** Where Dagger keeps it below the root of a workspace: since 1.0, and before. */
export const lockfileNames: readonly string[] = ["dagger.lock", ".dagger/lock"];

const found = { source: "lockfile", exactness: "claimed" } as const;

/**
 * Evidence from the text of a lockfile. Entries of operations that are not known are left out.
 * @throws AttestError EVIDENCE_INVALID for lines that are no entries, and for a version other than 1 and 2.
 */
export function collectLockfile(text: string): Collected {
  const lines = text.split("\n").filter((line) => line.trim() !== "");
  if (lines.length === 0) return { unavailable: "lockfile", because: "the lockfile is empty" };
  const rows = lines.map(parseLine);
  checkVersion(rows[0]);
  const materials = rows.slice(1).flatMap(materialsOf);
  return evidenceFrom("lockfile", { materials });
}

function parseLine(line: string, index: number): readonly unknown[] {
  let row: unknown;
  try {
    row = JSON.parse(line);
  } catch (cause) {
    throw invalidLine(index, "a JSON array", "text that is no JSON", cause);
  }
  if (!Array.isArray(row)) throw invalidLine(index, "a JSON array", typeof row);
  return row;
}

function checkVersion(row: readonly unknown[] | undefined): void {
  const pair: unknown = row?.[0];
  const version: unknown = Array.isArray(pair) ? pair[1] : row?.[1];
  if (version !== "1" && version !== "2") throw invalidLine(0, "version 1 or 2", JSON.stringify(row));
}

function invalidLine(index: number, expected: string, got: string, cause?: unknown): AttestError {
  return new AttestError("EVIDENCE_INVALID", "the lockfile can't be read", {
    problems: [{ path: `line[${index}]`, expected, got }],
    next: "Pass .dagger/lock or dagger.lock as Dagger wrote it.",
    cause,
  });
}

function materialsOf(row: readonly unknown[]): Material[] {
  const [namespace, operation, inputs, value] = row;
  if (namespace !== "" || !Array.isArray(inputs)) return [];
  const [subject = "", detail = ""] = inputs.map(textOf);
  const locator = locatorOf(textOf(operation), subject, detail, value);
  if (locator === undefined) return [];
  const { kind, ...rest } = locator;
  return [{ ...found, kind, ...rest, steps: [] }];
}

type Named = Locator & { readonly kind: Material["kind"]; readonly platform?: string };

function locatorOf(operation: string, subject: string, detail: string, value: unknown): Named | undefined {
  if (operation === "container.from") return imageOf(subject, detail, textOf(value));
  if (operation === "modules.resolve") return { kind: "module", ...moduleLocator(subject, textOf(value)) };
  if (!operation.startsWith("git.")) return undefined;
  const commit = isRecord(value) ? textOf(value["sha"]) : textOf(value);
  const ref =
    isRecord(value) && textOf(value["ref"]) !== "" ? textOf(value["ref"]) : refOf(operation, detail);
  if (!isCommit(commit)) return undefined;
  return { kind: "git", ...gitLocator(subject, ref), digests: { gitCommit: commit } };
}

function imageOf(reference: string, platform: string, value: string): Named | undefined {
  const digest = /(sha256:[0-9a-f]{64})$/.exec(value)?.[1];
  if (digest === undefined) return undefined;
  const named = imageLocator(
    `${reference.split("@", 1)[0] ?? ""}@${digest}`,
    platform === "" ? undefined : platform,
  );
  return { kind: "image", ...named, ...(platform === "" ? {} : { platform }) };
}

function refOf(operation: string, name: string): string {
  if (operation === "git.head") return "HEAD";
  if (name.startsWith("refs/") || operation === "git.ref") return name;
  return operation === "git.tag" ? `refs/tags/${name}` : `refs/heads/${name}`;
}
