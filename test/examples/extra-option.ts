/** A program in place of `./attest` that gives a function one more option: what a user of the public services leaves out. */
import { writeFile } from "node:fs/promises";
import { join } from "node:path";

import { root } from "../docs/pages.js";

/** @returns what a script takes as ATTEST; the option goes behind each of these functions' names */
export async function withOption(
  directory: string,
  functions: readonly string[],
  option: string,
): Promise<string> {
  const program = join(directory, `attest-${functions[0] ?? ""}`);
  const script = `for word do
  shift
  set -- "$@" "$word"
  case $word in ${functions.join(" | ")}) set -- "$@" "${option}" ;; esac
done
exec "${join(root, "attest")}" "$@"
`;
  await writeFile(program, script);
  return `sh ${program}`;
}
