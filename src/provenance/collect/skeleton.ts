/** The error-path skeleton: the field names of a value's own chain, from the path of an error made on purpose. */
import { type Collected, evidenceFrom } from "../evidence.js";
import { isRecord, recordsOf } from "../json.js";

/**
 * Evidence from the GraphQL response to `node(id) { ... { withError(err: "probe") { id } } }`: names
 * only, of the receivers only. It counts what other sources should explain; it explains nothing itself.
 */
export function collectSkeleton(response: unknown): Collected {
  const errors = isRecord(response) ? recordsOf(response["errors"]) : [];
  const path = errors.map((error) => error["path"]).find(isNames);
  if (path === undefined)
    return { unavailable: "skeleton", because: "the engine's error has no path of names" };
  if (path.at(-1) !== "withError")
    return { unavailable: "skeleton", because: "the error is not the one asked for" };
  return evidenceFrom("skeleton", { skeleton: path.slice(0, -1) });
}

function isNames(path: unknown): path is string[] {
  return Array.isArray(path) && path.length > 1 && path.every((name) => typeof name === "string");
}
