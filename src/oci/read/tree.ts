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
        ...emptyBranch(about(descriptor.digest).length),
      ],
    })),
    ...(groups.length === 0 ? emptyBranch(attachments.length) : []),
    ...skippedBranch(skipped),
  ];
  return [cut(name, 0), cut(`${image.digest} (${kind})`, 0), ...drawn(branches, "")].join("\n") + "\n";
}

type Branch = { readonly text: string; readonly below: readonly Branch[] };

function attachmentBranch({ header, form, isSigned, places, content, remarks }: Attachment): Branch {
  const details = `${form}, ${isSigned ? "signed" : "not signed"}, ${places.join(" + ")}`;
  const lines = [`${details} ${shortDigest(content.digest)}`, ...remarks.map((remark) => `! ${remark}`)];
  return { text: header.predicateType, below: lines.map((text) => ({ text, below: [] })) };
}

function emptyBranch(count: number): Branch[] {
  return count === 0 ? [{ text: "no attestations", below: [] }] : [];
}

const mostShown = 20;

function skippedBranch(skipped: readonly Skipped[]): Branch[] {
  if (skipped.length === 0) return [];
  const shown = skipped.slice(0, mostShown).map(({ place, digest, reason }) => ({
    text: `${shortDigest(digest)} ${place}: ${reason}`,
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
    const line = `${indent}${isLast ? "└─ " : "├─ "}${cut(text, indent.length + 3)}`;
    return [line, ...drawn(below, `${indent}${isLast ? "   " : "│  "}`)];
  });
}

function cut(text: string, used: number): string {
  const clean = text.replaceAll(/[\p{Cc}\p{Cf}]+/gu, " ");
  const characters = [...clean];
  const most = width - used;
  return characters.length <= most ? clean : `${characters.slice(0, most - 1).join("")}…`;
}

/** Enough of a digest to tell it from others. */
function shortDigest(digest: string): string {
  return digest.slice(0, digest.indexOf(":") + 13);
}
