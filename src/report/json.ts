import type { Verification } from "../verification/types.js";

/** JSON Schema of a verdict. */
export const verdictSchema = "https://github.com/attest-dev/attest/blob/main/docs/verification.schema.json";

/** A verdict as JSON (UTF-8, indented): the same verdict gives the same bytes. */
export function verdictJson(verification: Verification): string {
  return `${JSON.stringify({ $schema: verdictSchema, ...verification }, null, 2)}\n`;
}
