/** What stands in a list of attachments and can't be read: it must not pass for nothing. */
import { AttestError } from "../../error.js";
import type { Listing, Skipped } from "./types.js";

/** Why something that may be attached to a digest can't be read; one reason for each. */
export function unreadAbout({ skipped }: Listing, digest: string): string[] {
  return skipped
    .filter(({ isUnread, subject }) => isUnread && (subject === digest || subject === ""))
    .map(({ place, reason }) => `${place}: ${reason}`);
}

/**
 * An empty answer is given only where everything could be read.
 * @throws AttestError IMAGE_INVALID with what could not
 */
export function assertNone({ image, skipped }: Listing): void {
  const unread = skipped.filter(({ isUnread }) => isUnread);
  if (unread.length === 0) return;
  throw new AttestError("IMAGE_INVALID", `nothing was found at ${image.digest}, and not all could be read`, {
    problems: unread.map((one) => unreadProblem(one)),
    next: "Have these entries mended or removed; what they stand for may be what was looked for.",
  });
}

function unreadProblem({ place, reason }: Skipped) {
  return { path: place, expected: "entries that say what they stand for", got: reason };
}
