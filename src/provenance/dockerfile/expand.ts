/**
 * Variables in a word of a Dockerfile, put in as BuildKit does: `$name`, `${name}`, and the forms with `:-`, `-`, `:+`,
 * `+`, `:?`, `?`, `#`, `##`, `%`, `%%`, `/` and `//`. https://docs.docker.com/reference/dockerfile/#environment-replacement
 */
import { isMatchable, withoutEnd, withReplaced } from "./glob.js";

/**
 * The value of a variable: `null` when it has none, undefined when nobody here can know whether it has one.
 */
export type Lookup = (name: string) => string | null | undefined;

/** Deeper nesting than anybody writes is not followed. */
const deepest = 16;
const longestWord = 8192;

/** The word with its variables and without its quotes; undefined where it depends on what is not known. */
export function expandWord(word: string, lookup: Lookup, escape: string): string | undefined {
  if (word.length > longestWord) return undefined;
  const reader: Reader = { word, at: 0, lookup, escape };
  return readUntil(reader, "", 0);
}

type Reader = { readonly word: string; at: number; readonly lookup: Lookup; readonly escape: string };

/** Reads up to one of the characters of `ends`, which stays, or to the end of the word. */
function readUntil(reader: Reader, ends: string, depth: number): string | undefined {
  if (depth > deepest) return undefined;
  let made = "";
  while (reader.at < reader.word.length) {
    const character = reader.word[reader.at] ?? "";
    if (ends.includes(character)) break;
    const part = readPart(reader, character, depth);
    if (part === undefined) return undefined;
    made += part;
  }
  return made;
}

function readPart(reader: Reader, character: string, depth: number): string | undefined {
  if (character === "'") return readQuoted(reader);
  if (character === '"') return readDoubleQuoted(reader, depth);
  if (character === "$") return readVariable(reader, depth);
  reader.at++;
  if (character !== reader.escape || reader.at >= reader.word.length) return character;
  return reader.word[reader.at++] ?? "";
}

function readQuoted(reader: Reader): string | undefined {
  const end = reader.word.indexOf("'", reader.at + 1);
  if (end < 0) return undefined;
  const text = reader.word.slice(reader.at + 1, end);
  reader.at = end + 1;
  return text;
}

function readDoubleQuoted(reader: Reader, depth: number): string | undefined {
  reader.at++;
  let made = "";
  for (let character = reader.word[reader.at]; character !== '"'; character = reader.word[reader.at]) {
    if (character === undefined) return undefined;
    const next = reader.word[reader.at + 1] ?? "";
    if (character === "$") {
      const value = readVariable(reader, depth);
      if (value === undefined) return undefined;
      made += value;
    } else if (character === reader.escape && `"$${reader.escape}`.includes(next) && next !== "") {
      made += next;
      reader.at += 2;
    } else {
      made += character;
      reader.at++;
    }
  }
  reader.at++;
  return made;
}

function readVariable(reader: Reader, depth: number): string | undefined {
  reader.at++;
  if (reader.word[reader.at] !== "{") {
    const name = nameAt(reader);
    return name === "" ? "$" : valueOf(reader.lookup(name));
  }
  reader.at++;
  const name = nameAt(reader);
  if (name === "") return undefined;
  const value = reader.lookup(name);
  const operator = /^(?::[-+?]|##?|%%?|\/\/?|[-+?}])/.exec(reader.word.slice(reader.at, reader.at + 2))?.[0];
  if (operator === undefined) return undefined;
  reader.at += operator.length;
  if (operator === "}") return valueOf(value);
  const isReplacement = operator.startsWith("/");
  // A pattern keeps its escapes, which are the pattern's own.
  const isPattern = isReplacement || /^[#%]/.test(operator);
  const word = isPattern
    ? readPattern(reader, isReplacement ? "/}" : "}", depth)
    : readUntil(reader, "}", depth + 1);
  let by: string | undefined = "";
  if (isReplacement && reader.word[reader.at] === "/") {
    reader.at++;
    by = readUntil(reader, "}", depth + 1);
  }
  if (reader.word[reader.at] !== "}" || word === undefined || by === undefined) return undefined;
  reader.at++;
  return apply(operator, value, word, by);
}

function readPattern(reader: Reader, ends: string, depth: number): string | undefined {
  let made = "";
  for (
    let next = reader.word[reader.at];
    next !== undefined && !ends.includes(next);
    next = reader.word[reader.at]
  ) {
    if (next === "\\") {
      made += reader.word.slice(reader.at, reader.at + 2);
      reader.at += 2;
      continue;
    }
    if (next === "$") {
      const value = depth < deepest ? readVariable(reader, depth + 1) : undefined;
      if (value === undefined) return undefined;
      made += value;
      continue;
    }
    made += next;
    reader.at++;
  }
  return made;
}

function apply(
  operator: string,
  value: string | null | undefined,
  word: string,
  by: string,
): string | undefined {
  if (value === undefined) return undefined;
  const isSet = value !== null && (value !== "" || !operator.startsWith(":"));
  const text = value ?? "";
  if (!/^[#%/]/.test(operator)) {
    if (operator.endsWith("-")) return isSet ? text : word;
    if (operator.endsWith("+")) return isSet ? word : "";
    // A build of which it is not set has failed.
    return isSet ? text : undefined;
  }
  if (!isMatchable(word, text)) return undefined;
  if (operator.startsWith("/")) return withReplaced(text, word, by, operator === "//");
  return withoutEnd(text, word, operator.startsWith("#") ? "start" : "end", operator.length === 2);
}

function valueOf(value: string | null | undefined): string | undefined {
  return value === null ? "" : value;
}

/** A name, or one of the positional parameters, of which a Dockerfile has none. */
function nameAt(reader: Reader): string {
  const name = /^(?:[A-Za-z_]\w*|\d)/.exec(reader.word.slice(reader.at))?.[0] ?? "";
  reader.at += name.length;
  return name;
}
