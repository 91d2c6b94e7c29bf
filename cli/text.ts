/** Plain text that fits a terminal of 80 columns. */

export const columns = 80;

/** Breaks a paragraph into lines of at most `width` characters; a longer word stands alone. */
export function wrap(text: string, width: number): string[] {
  const lines: string[] = [];
  for (const word of text.split(/\s+/).filter((found) => found !== "")) {
    const last = lines.at(-1);
    if (last !== undefined && last.length + 1 + word.length <= width)
      lines[lines.length - 1] = `${last} ${word}`;
    else lines.push(word);
  }
  return lines;
}

/** Wraps each paragraph (blank lines between them); lines that start with two spaces or a dash stay as they are. */
export function wrapText(text: string, width: number): string[] {
  return text.split(/\n{2,}/).flatMap((paragraph, index) => {
    const lines = /^( {2}|[-*] )/m.test(paragraph) ? paragraph.split("\n") : wrap(paragraph, width);
    return index === 0 ? lines : ["", ...lines];
  });
}

export function indent(lines: readonly string[], by: number): string[] {
  return lines.map((line) => (line === "" ? "" : " ".repeat(by) + line));
}

/** Two columns: terms on the left, their text wrapped on the right. */
export function table(rows: readonly (readonly [string, string])[], left = 2): string[] {
  const term = Math.min(24, Math.max(0, ...rows.map(([name]) => name.length)));
  const start = left + term + 2;
  return rows.flatMap(([name, text]) => {
    const [first = "", ...rest] = wrap(text, columns - start);
    const head = " ".repeat(left) + name.padEnd(term);
    const lines = name.length > term ? [head, " ".repeat(start) + first] : [`${head}  ${first}`];
    return [...lines.map((line) => line.trimEnd()), ...indent(rest, start)];
  });
}

/** The first sentence of a doc comment; it may run over a line's end. */
export function firstSentence(text: string): string {
  const [paragraph = ""] = text.split(/\n\s*\n/, 1);
  const line = paragraph.replace(/\s+/g, " ").trim();
  return /^.*?[.!?](?= [A-Z]|$)/.exec(line)?.[0] ?? line;
}
