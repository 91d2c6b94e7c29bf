/** Words of an instruction: as they are written, quotes and escapes still in them. */
import type { Instruction } from "./parse.js";

/** Splits at spaces that are neither quoted nor escaped. */
export function wordsOf(text: string, escape: string): string[] {
  const words: string[] = [];
  let word = "";
  let quote = "";
  for (let at = 0; at < text.length; at++) {
    const character = text[at] ?? "";
    if (character === escape && quote !== "'" && at + 1 < text.length) {
      word += character + (text[++at] ?? "");
    } else if (quote === "" && /\s/.test(character)) {
      if (word !== "") words.push(word);
      word = "";
    } else {
      if (quote === "" && (character === '"' || character === "'")) quote = character;
      else if (character === quote) quote = "";
      word += character;
    }
  }
  return word === "" ? words : [...words, word];
}

/** The list of an instruction in JSON form, undefined in any other. */
export function jsonWords(text: string): string[] | undefined {
  if (!text.startsWith("[")) return undefined;
  try {
    const list: unknown = JSON.parse(text);
    return Array.isArray(list) && list.every((one) => typeof one === "string") ? list : undefined;
  } catch {
    return undefined;
  }
}

/** `name=value` pairs of ARG and ENV, values as written; ENV's old form `ENV name value` too. */
export function pairsOf(
  { keyword, text }: Instruction,
  escape: string,
): [name: string, value: string | undefined][] {
  const words = wordsOf(text, escape);
  if (keyword === "ENV" && !(words[0] ?? "").includes("=")) {
    const name = words[0] ?? "";
    return [[name, text.slice(text.indexOf(name) + name.length).trim()]];
  }
  return words.map((word) => {
    const at = word.indexOf("=");
    return at < 0 ? [word, undefined] : [word.slice(0, at), word.slice(at + 1)];
  });
}
