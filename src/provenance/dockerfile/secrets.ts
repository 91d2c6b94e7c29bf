/** What a Dockerfile itself betrays: passwords that somebody wrote into it must not be repeated. */
import { looksSecret, namesSecret, urlCredentials } from "../redact.js";
import type { ParsedDockerfile } from "./parse.js";
import { pairsOf, wordsOf } from "./words.js";

/**
 * Values of ARG, ENV and LABEL that are secrets by their name or form, and credentials in URLs. An ARG before the first
 * FROM is for names of images, as in `node:24-alpine`: only its name can make it one.
 */
export function secretsInDockerfile({ instructions, escape }: ParsedDockerfile): string[] {
  const firstFrom = instructions.findIndex(({ keyword }) => keyword === "FROM");
  return instructions.flatMap((instruction, index) => {
    if (/^(?:ARG|ENV|LABEL)$/.test(instruction.keyword))
      return pairsOf(instruction, escape).flatMap(([name, written = ""]) => {
        const value = written.replace(/^(["'])(.*)\1$/s, "$2");
        const isSecret = namesSecret(name) || (index > firstFrom && looksSecret(value));
        return isSecret ? [value] : urlCredentials(value);
      });
    return wordsOf(instruction.text, escape).flatMap(urlCredentials);
  });
}
