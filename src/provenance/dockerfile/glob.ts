/** Patterns of `${name#pattern}` and its like: `*` is any text, `?` one character, a backslash takes the next as it is. */

/** Longer texts and patterns are not matched: a few of them would take minutes. */
const longestText = 512;
const longestPattern = 128;

/** True when the pattern and the text are short enough to be matched. */
export function isMatchable(pattern: string, text: string): boolean {
  return pattern.length <= longestPattern && text.length <= longestText;
}

/** True when the pattern matches the whole text. */
export function globMatches(pattern: string, text: string): boolean {
  const tokens = pattern.match(/\\[\s\S]|[\s\S]/g) ?? [];
  let reached = new Set([0]);
  for (const token of tokens) {
    const next = new Set<number>();
    for (const at of reached) {
      if (token === "*") for (let to = at; to <= text.length; to++) next.add(to);
      else if (at < text.length && (token === "?" || text[at] === token.at(-1))) next.add(at + 1);
    }
    reached = next;
  }
  return reached.has(text.length);
}

/** The text without what the pattern matches at one end of it; the longest such part, or the shortest. */
export function withoutEnd(text: string, pattern: string, end: "start" | "end", isLongest: boolean): string {
  const lengths = Array.from({ length: text.length + 1 }, (_, length) => length);
  for (const length of isLongest ? lengths.reverse() : lengths) {
    const part = end === "start" ? text.slice(0, length) : text.slice(text.length - length);
    if (globMatches(pattern, part))
      return end === "start" ? text.slice(length) : text.slice(0, text.length - length);
  }
  return text;
}

/** The text with what the pattern matches replaced: the first such part, or all of them. */
export function withReplaced(text: string, pattern: string, by: string, isAll: boolean): string {
  let made = "";
  let at = 0;
  while (at < text.length) {
    const length = longestMatch(text, at, pattern);
    if (length === 0) {
      made += text[at++] ?? "";
      continue;
    }
    made += by;
    at += length;
    if (!isAll) break;
  }
  return made + text.slice(at);
}

function longestMatch(text: string, from: number, pattern: string): number {
  for (let to = text.length; to > from; to--)
    if (globMatches(pattern, text.slice(from, to))) return to - from;
  return 0;
}
