/** The command of a RUN, as BuildKit hands it to the container: not expanded, since the shell does that. */
import type { Instruction } from "./parse.js";
import { jsonWords } from "./words.js";

export const defaultShell: readonly string[] = ["/bin/sh", "-c"];

/** Its words. Of heredocs their names are there, and not what is in them. */
export function argvOf({ text }: Instruction, shell: readonly string[]): string[] {
  return jsonWords(text) ?? [...shell, text];
}
