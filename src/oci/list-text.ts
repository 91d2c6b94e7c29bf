/**
 * Lists in manifests and indexes that have several writers: rewritten with every entry and every member of others as it
 * was written, whether it means anything here or not.
 */
import { rawItems, rawMembers, type RawMember } from "../json/raw.js";
import { readEntry, type Descriptor, type MalformedEntry } from "./descriptor.js";

/** The list of a manifest, or of an index. */
export type ListName = "layers" | "manifests";

/** An entry of a list with the text that it was written with. */
export type WrittenEntry = {
  readonly text: string;
  /** What it is; undefined where it is malformed. */
  readonly descriptor?: Descriptor;
  /** What is wrong with it; undefined where it is well-formed. */
  readonly malformed?: MalformedEntry;
};

/** An entry of our own. */
export function writtenEntry(descriptor: Descriptor): WrittenEntry {
  return { text: JSON.stringify(descriptor), descriptor };
}

/** The entries of the list in a document that was read already, in their order. */
export function writtenEntries(document: Uint8Array, list: ListName): WrittenEntry[] {
  const member = rawMembers(document).find(({ name }) => name === list);
  const items = member === undefined ? [] : rawItems(Buffer.from(member.text));
  return items.map((text, at) => {
    const entry = readEntry(JSON.parse(text), `${list}[${at}]`);
    return "problems" in entry ? { text, malformed: entry } : { text, descriptor: entry };
  });
}

/** What tells an entry from others: its digest; of a malformed one, all that it says. */
export function entryKey({ text, descriptor }: WrittenEntry): string {
  return descriptor?.digest ?? text;
}

/** How a document is spelt: compact, or with two spaces, as BuildKit does. Entries stay as they are. */
export type Spelling = "compact" | "indented";

/**
 * A document with another list, and other members where some are given.
 * @param members those that are replaced keep their place, others come at the end
 */
export function withList(
  document: readonly RawMember[],
  list: ListName,
  entries: readonly WrittenEntry[],
  members: Readonly<Record<string, unknown>> = {},
  spelling: Spelling = "compact",
): Buffer {
  const changed = new Map(document.map(({ name, text }) => [name, text]));
  for (const [name, value] of Object.entries(members)) changed.set(name, spelt(value, spelling, "  "));
  changed.set(list, listText(entries, spelling));
  const [start, between, end, colon] =
    spelling === "compact" ? ["{", ",", "}", ":"] : ["{\n  ", ",\n  ", "\n}", ": "];
  const parts = [...changed].map(([name, text]) => `${JSON.stringify(name)}${colon}${text}`);
  return Buffer.from(`${start}${parts.join(between)}${end}`);
}

/** The members of a new document. */
export function newMembers(document: Readonly<Record<string, unknown>>): RawMember[] {
  return Object.entries(document).map(([name, value]) => ({ name, text: JSON.stringify(value) }));
}

function listText(entries: readonly WrittenEntry[], spelling: Spelling): string {
  const texts = entries.map(({ text }) => text);
  if (spelling === "compact" || texts.length === 0) return `[${texts.join(",")}]`;
  return `[\n    ${texts.join(",\n    ")}\n  ]`;
}

/** A value as it stands within others. */
export function spelt(value: unknown, spelling: Spelling, indent: string): string {
  if (spelling === "compact") return JSON.stringify(value);
  return JSON.stringify(value, undefined, 2).replaceAll("\n", `\n${indent}`);
}
