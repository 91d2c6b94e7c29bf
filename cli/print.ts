/** Results as `dagger call` prints them. */
import { createHash } from "node:crypto";

import type { TypeReference } from "../engine/module/types.js";
import type { Query } from "./query.js";

/** The value that a response holds at the query's path; through lists it is the list of what each item holds. */
export function resultAt(response: unknown, path: readonly string[]): unknown {
  const [name, ...rest] = path;
  if (name === undefined || response === null || response === undefined) return response;
  if (Array.isArray(response)) return response.flatMap((item) => [resultAt(item, path)]);
  return resultAt((response as Record<string, unknown>)[name], rest);
}

/**
 * Text for stdout: a string plain, a list one value per line, nothing for void, an object as its type
 * and the digest of its id (`File@sha256:...`). As JSON with `json`.
 */
export function resultText(query: Query, result: unknown, json: boolean): string {
  if (query.returns.kind === "void") return "";
  if (endsInObject(query)) return objectText(query.returns, result);
  if (json) return `${JSON.stringify(result, null, 4)}\n`;
  return plainText(result);
}

/** Whether a chain ends in an object, or several: there is no text of it. */
export function endsInObject({ returns }: Query): boolean {
  return objectName(returns) !== undefined;
}

function plainText(result: unknown): string {
  if (Array.isArray(result)) return result.map((item) => `${plainText(item)}\n`).join("");
  if (typeof result === "string") return result;
  return JSON.stringify(result);
}

function objectText(type: TypeReference, result: unknown): string {
  if (Array.isArray(result)) return result.map((item) => `- ${objectText(type, item)}`).join("");
  const name = objectName(type) ?? "object";
  return `${name}@sha256:${createHash("sha256").update(String(result)).digest("hex")}\n`;
}

function objectName(type: TypeReference): string | undefined {
  if (type.kind === "list") return objectName(type.of);
  return type.kind === "object" || type.kind === "interface" ? type.name : undefined;
}
