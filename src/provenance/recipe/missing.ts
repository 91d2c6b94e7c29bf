/** Calls that others refer to and that the graph lacks. */
import type { Call } from "../../recipe/index.js";
import { callArgument, textArgument } from "./call.js";
import type { Reading } from "./reading.js";

/** What is known of each, or the gap that it is. */
export function readMissing(reading: Reading, missing: readonly string[], order: readonly Call[]): void {
  const secretsAt = new Map(missing.length === 0 ? [] : order.flatMap(secretUse));
  for (const digest of missing) readOne(reading, digest, secretsAt.get(digest));
}

/** The secret that a call puts somewhere, and where. */
function secretUse(call: Call): [string, string][] {
  const isVariable = call.field === "withSecretVariable";
  if (!isVariable && call.field !== "withMountedSecret") return [];
  const secret = callArgument(call, isVariable ? "secret" : "source");
  const at = isVariable ? `$${textArgument(call, "name") ?? ""}` : (textArgument(call, "path") ?? "");
  return secret === undefined ? [] : [[secret, at]];
}

/**
 * @param secretAt where the missing call's value is used as a secret: no content of the value then, and the engine
 *   names an equal secret of an earlier session where its cache answered
 */
function readOne(
  { draft, found, redactor, outside }: Reading,
  digest: string,
  secretAt: string | undefined,
): void {
  const handed = outside.get(digest);
  if (handed === undefined && secretAt !== undefined)
    draft.notes.push(
      `the secret at ${redactor.text(secretAt)} is one that nobody saw made: its name is not known`,
    );
  else if (handed === undefined)
    draft.gaps.push({ code: "missing-call", detail: `${digest} is referred to and not there` });
  else if (handed.kind === "secret")
    draft.secrets.push({ ...found, name: handed.name, provider: handed.provider, step: digest });
  else {
    const { id: _id, ...material } = handed;
    draft.materials.push({ ...found, ...material, steps: [digest] });
  }
}
