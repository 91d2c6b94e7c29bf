import { AttestError } from "../error.js";
import { parseJson } from "../json/parse.js";
import { describeValue, isObject } from "../statement/json-value.js";

/**
 * Reads an OpenVEX document that a verifier gives. https://github.com/openvex/spec/blob/main/OPENVEX-SPEC.md
 *
 * @param name what errors call it
 * @throws AttestError POLICY_INVALID when it is none: statements that are overlooked would excuse nothing
 */
export function readVex(bytes: Uint8Array, name: string): unknown {
  const value = parseJson(bytes);
  const context = isObject(value) ? value["@context"] : undefined;
  const statements = isObject(value) ? value["statements"] : undefined;
  if (
    typeof context === "string" &&
    context.startsWith("https://openvex.dev/ns") &&
    Array.isArray(statements)
  )
    return value;
  throw new AttestError("POLICY_INVALID", `${name} is no OpenVEX document`, {
    problems: [
      { path: "@context", expected: "https://openvex.dev/ns/v0.2.0", got: describeValue(context) },
      { path: "statements", expected: "an array", got: describeValue(statements) },
    ],
    next: "Give an OpenVEX document (JSON); other VEX formats are not read.",
  });
}
