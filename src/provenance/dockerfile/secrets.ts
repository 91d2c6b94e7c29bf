/** What a Dockerfile itself betrays: passwords that somebody wrote into it must not be repeated. */
import { looksSecret, namesSecret, urlCredentials } from "../redact.js";
import type { ParsedDockerfile } from "./parse.js";
import { pairsOf, wordsOf } from "./words.js";

/** Values of ARG, ENV and LABEL that are secrets by their name or form, and credentials in URLs. */
export function secretsInDockerfile({ instructions, escape }: ParsedDockerfile): string[] {
  return instructions.flatMap((instruction) => {
    if (/^(?:ARG|ENV|LABEL)$/.test(instruction.keyword))
      return pairsOf(instruction, escape).flatMap(([name, written = ""]) => {
        const value = written.replace(/^(["'])(.*)\1$/s, "$2");
        return namesSecret(name) || looksSecret(value) ? [value] : urlCredentials(value);
      });
    return wordsOf(instruction.text, escape).flatMap(urlCredentials);
  });
}
