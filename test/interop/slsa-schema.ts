/** The in-toto project's own schema of SLSA Provenance v1, as a program that is built on first use. */
import { execFile } from "node:child_process";

import { type BuiltTool, findBuiltTool } from "./built-tool.js";

/** The path of the reader, or why there is none. */
export function findSlsaSchema(): BuiltTool {
  return findBuiltTool("slsa-schema.sh");
}

/** What the reader says of a statement in a file: `valid`, or what is wrong. */
export function readBySchema(reader: string, statement: string): Promise<string> {
  return new Promise((resolve) => {
    execFile(reader, [statement], (_error, stdout) => {
      resolve(stdout.trim().slice(`${statement}: `.length));
    });
  });
}
