import type { Attachment, Listing, Skipped } from "./types.js";

/** Columns of a terminal that nobody has widened. */
const width = 80;

/**
 * Draws what is attached to an image for people, in lines of at most 80 columns. Text from a registry is
 * shown without control characters.
 * @param name the image as it was asked for
 */
export function attachmentTree(listing: Listing, name: string): string {
  const { image, platforms, attachments, skipped } = listing;
  const about = (subject: string) => attachments.filter((one) => one.subject === subject);
  const groups = platforms.filter(({ descriptor }) => descriptor.digest !== image.digest);
  const [only] = groups.length === 0 ? platforms : [];
  const kind = only === undefined ? `index of ${groups.length} platform(s)` : only.platform || "one manifest";
  const branches: Branch[] = [
    ...about(image.digest).map(attachmentBranch),
    ...groups.map(({ platform, descriptor }) => ({
      text: `${platform || "unknown platform"} ${shortDigest(descriptor.digest)}`,
      below: [
        ...about(descriptor.digest).map(attachmentBranch),
        ...emptyBranch(about(descriptor.digest).length, skipped),
      ],
    })),
    ...innerBranches(listing),
    ...(groups.length === 0 ? emptyBranch(attachments.length, skipped) : []),
    ...skippedBranch(skipped),
  ];
  const head = [name, image.digest, kind].flatMap((text) => wrapped(text, width));
  return [...head, ...drawn(branches, "")].join("\n") + "\n";
}

type Branch = { readonly text: string; readonly below: readonly Branch[] };

function attachmentBranch({ header, form, isSigned, places, content, remarks }: Attachment): Branch {
  const details = `${form}, ${isSigned ? "signed" : "not signed"}, ${places.join(" + ")}`;
  const lines = [`${details} ${shortDigest(content.digest)}`, ...remarks.map((remark) => `! ${remark}`)];
  return { text: header.predicateType, below: lines.map((text) => ({ text, below: [] })) };
}

/** What is no platform of the image, where something is attached to it. */
function innerBranches({ image, platforms, attachments }: Listing): Branch[] {
  const shown = new Set([image.digest, ...platforms.map(({ descriptor }) => descriptor.digest)]);
  const inner = new Set(attachments.map(({ subject }) => subject).filter((subject) => !shown.has(subject)));
  return [...inner].map((subject) => ({
    text: `within it ${shortDigest(subject)}`,
    below: attachments.filter((one) => one.subject === subject).map(attachmentBranch),
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
