/** What a copy did, for people. */
import type { CopyResult } from "./copy.js";

const mostShown = 10;

/** One line, and one more for what the source names and does not hold. */
export function copySummary({ manifests, attached, blobs, absent }: CopyResult): string {
  const { pushed, mounted, present, foreign } = blobs;
  const counts = [
    `${pushed} blob(s) sent`,
    ...(mounted === 0 ? [] : [`${mounted} mounted`]),
    ...(present === 0 ? [] : [`${present} there already`]),
    ...(foreign === 0 ? [] : [`${foreign} that lie elsewhere left there`]),
  ];
  const done = `copied: ${manifests} manifest(s) of the image, ${attached} attached to it; ${counts.join(", ")}`;
  if (absent.length === 0) return done;
  const shown = absent.slice(0, mostShown).join(", ");
  const rest = absent.length > mostShown ? ` and ${absent.length - mostShown} more` : "";
  return `${done}\nabsent: ${absent.length} named in the source and not held by it: ${shown}${rest}`;
}
