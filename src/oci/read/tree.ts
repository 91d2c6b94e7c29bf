import type { CosignTag } from "./cosign-tags.js";
import { heldApart, type Attachment, type Listing, type Skipped } from "./types.js";

/** Columns of a terminal that nobody has widened. */
const width = 80;

/**
 * Draws what is attached to an image for people, in lines of at most 80 columns. Text from a registry is
 * shown without control characters.
 * @param name the image as it was asked for
 * @param tags what older cosign versions attached besides attestations
 */
export function attachmentTree(listing: Listing, name: string, tags: readonly CosignTag[] = []): string {
  const { image, platforms, attachments, skipped } = listing;
  const about = (subject: string) => attachments.filter((one) => one.subject === subject);
  const branchesOf = (subject: string) => attachedBranches(listing, tags, subject);
  const groups = platforms.filter(({ descriptor }) => descriptor.digest !== image.digest);
  const [only] = groups.length === 0 ? platforms : [];
  const kind = only === undefined ? `index of ${groups.length} platform(s)` : only.platform || "one manifest";
  const branches: Branch[] = [
    ...branchesOf(image.digest),
    ...groups.map(({ platform, descriptor }) => ({
      text: `${platform || "unknown platform"} ${shortDigest(descriptor.digest)}`,
      below: [...branchesOf(descriptor.digest), ...emptyBranch(about(descriptor.digest).length, skipped)],
    })),
    ...innerBranches(listing, tags),
    ...(groups.length === 0 ? emptyBranch(attachments.length, skipped) : []),
    ...skippedBranch(skipped),
  ];
  const head = [name, image.digest, kind].flatMap((text) => wrapped(text, width));
  return [...head, ...drawn(branches, "")].join("\n") + "\n";
}

type Branch = { readonly text: string; readonly below: readonly Branch[] };

function attachedBranches(listing: Listing, tags: readonly CosignTag[], subject: string): Branch[] {
  return [
    ...listing.attachments
      .filter((one) => one.subject === subject)
      .map((one) => attachmentBranch(one, heldApart(one, listing))),
    ...tags.filter((one) => one.subject === subject).map(tagBranch),
  ];
}

function attachmentBranch(one: Attachment, apart: string): Branch {
  const { header, form, isSigned, places, content, remarks } = one;
  const details = `${form}, ${isSigned ? "signed" : "not signed"}, ${places.join(" + ")}`;
  return detailed(header.predicateType, [
    `${details} ${shortDigest(content.digest)}`,
    ...inRepository(apart),
    ...remarks.map((remark) => `! ${remark}`),
  ]);
}

const tagNames = { ".sig": "image signature", ".sbom": "SBOM attachment" } as const;

/** No attestation: cosign's signatures of the image itself, and SBOMs that nobody signed. */
function tagBranch({ suffix, digest, types, unread, apart }: CosignTag): Branch {
  const many = types.length > 1 ? `${types.length} × ` : "";
  const kind = types.length === 0 ? `${suffix} tag that is not understood` : `${many}${tagNames[suffix]}`;
  const details = suffix === ".sig" ? "not verified here" : [...new Set(types), "not signed"].join(", ");
  const place = `cosign-tag ${suffix}${digest === "" ? "" : ` ${shortDigest(digest)}`}`;
  return detailed(kind, [
    [...(types.length === 0 ? [] : [details]), place].join(", "),
    ...inRepository(apart),
    ...unread.map((reason) => `! not read: ${reason}`),
  ]);
}

function inRepository(apart: string): string[] {
  return apart === "" ? [] : [`in ${apart}`];
}

function detailed(text: string, lines: readonly string[]): Branch {
  return { text, below: lines.map((line) => ({ text: line, below: [] })) };
}

/** What is no platform of the image, where something is attached to it. */
function innerBranches(listing: Listing, tags: readonly CosignTag[]): Branch[] {
  const { image, platforms, attachments } = listing;
  const shown = new Set([image.digest, ...platforms.map(({ descriptor }) => descriptor.digest)]);
  const subjects = [...attachments, ...tags].map(({ subject }) => subject);
  const inner = new Set(subjects.filter((subject) => !shown.has(subject)));
  return [...inner].map((subject) => ({
    text: `within it ${shortDigest(subject)}`,
    below: attachedBranches(listing, tags, subject),
  }));
}

function emptyBranch(count: number, skipped: readonly Skipped[]): Branch[] {
  if (count > 0) return [];
  const isSure = skipped.every(({ isUnread }) => !isUnread);
  return [{ text: isSure ? "no attestations" : "no attestations that can be read", below: [] }];
}

const mostShown = 20;

function skippedBranch(skipped: readonly Skipped[]): Branch[] {
  if (skipped.length === 0) return [];
  const shown = skipped.slice(0, mostShown).map(({ place, digest, reason }) => ({
    text: `${digest === "" ? "" : `${shortDigest(digest)} `}${place}: ${reason}`,
    below: [],
  }));
  const rest = skipped.length - shown.length;
  return [
    {
      text: `${skipped.length} skipped`,
      below: [...shown, ...(rest > 0 ? [{ text: `and ${rest} more`, below: [] }] : [])],
    },
  ];
}

function drawn(branches: readonly Branch[], indent: string): string[] {
  return branches.flatMap(({ text, below }, at) => {
    const isLast = at === branches.length - 1;
    const deeper = `${indent}${isLast ? "   " : "│  "}`;
    const [first = "", ...more] = wrapped(text, width - deeper.length);
    const rest = below.length > 0 ? `${deeper}│ ` : `${deeper}  `;
    return [
      `${indent}${isLast ? "└─ " : "├─ "}${first}`,
      ...more.map((line) => `${rest}${line}`),
      ...drawn(below, deeper),
    ];
  });
}

/** A registry's text may be of any length. */
const mostLines = 4;

/** Lines of at most so many columns; those after the first two less, for what is drawn before them. */
function wrapped(text: string, columns: number): string[] {
  const words = text
    .slice(0, mostLines * width)
    .replaceAll(/[\p{Cc}\p{Cf}]+/gu, " ")
    .split(/ +/)
    .flatMap((word) => pieces(word, columns - 2));
  const lines: string[] = [];
  for (const word of words) {
    const last = lines.at(-1);
    const joined = last === undefined ? word : `${last} ${word}`;
    const room = lines.length > 1 ? columns - 2 : columns;
    if (last !== undefined && columnsOf(joined) <= room) lines[lines.length - 1] = joined;
    else lines.push(word);
  }
  if (lines.length <= mostLines) return lines;
  const [end = ""] = pieces(lines[mostLines - 1] ?? "", columns - 3);
  return [...lines.slice(0, mostLines - 1), `${end}…`];
}

function pieces(word: string, columns: number): string[] {
  const parts = [""];
  for (const character of word) {
    const longer = `${parts.at(-1) ?? ""}${character}`;
    if (columnsOf(longer) <= columns) parts[parts.length - 1] = longer;
    else parts.push(character);
  }
  return parts;
}

const wide =
  /[\p{Script=Han}\p{Script=Hangul}\p{Script=Hiragana}\p{Script=Katakana}\p{Emoji_Presentation}\uff01-\uff60]/u;

/** Terminals draw some characters over two columns, and marks over none. */
function columnsOf(text: string): number {
  return [...text].reduce((sum, one) => sum + (/\p{M}/u.test(one) ? 0 : wide.test(one) ? 2 : 1), 0);
}

/** Enough of a digest to tell it from others. */
function shortDigest(digest: string): string {
  return digest.slice(0, digest.indexOf(":") + 13);
}
