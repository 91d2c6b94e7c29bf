/** Equal texts held once: what a build repeats tens of thousands of times is read anew each time. */

/** A function that gives the first text that is equal. */
export function textsOnce(): (text: string) => string {
  const texts = new Map<string, string>();
  return (text) => {
    const first = texts.get(text);
    if (first === undefined) texts.set(text, text);
    return first ?? text;
  };
}

/** Texts that were read lately, known again by their bytes. */
export type RecentTexts = {
  /** The text in UTF-8 between two positions, if it is one of them. */
  readonly find: (bytes: Uint8Array, start: number, end: number) => string | undefined;
  readonly add: (text: string, bytes: Uint8Array, start: number, end: number) => void;
};

/** How many are known at most: a power of two, far more than a build has names. */
const mostRecent = 1_024;

/** Characters that a place is made of. */
const shortest = 3;

/**
 * Names come with every call, and digests with the next ones: to make such a text anew, only to find that it is known,
 * takes several times as long as to look at its bytes. Each text has one place, which the next with the same takes.
 */
export function recentTexts(): RecentTexts {
  const texts = new Array<string>(mostRecent).fill("");
  return {
    find: (bytes, start, end) => {
      const text = texts[placeOf(bytes, start, end)] ?? "";
      if (text.length !== end - start || text === "") return undefined;
      for (let at = 0; at < text.length; at++)
        if (text.charCodeAt(at) !== bytes[start + at]) return undefined;
      return text;
    },
    add: (text, bytes, start, end) => {
      // Of as many characters as bytes, which only ASCII has: then a character is a byte.
      if (text.length === end - start && text.length >= shortest) texts[placeOf(bytes, start, end)] = text;
    },
  };
}

/** By what texts of one length mostly differ in: their last three letters, and their first. */
function placeOf(bytes: Uint8Array, start: number, end: number): number {
  const last = (bytes[end - 3] ?? 0) * 961 + (bytes[end - 2] ?? 0) * 31 + (bytes[end - 1] ?? 0) * 5;
  return (last + (bytes[start] ?? 0) * 7 + end - start) % mostRecent;
}
