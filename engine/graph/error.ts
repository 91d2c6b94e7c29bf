/** Errors of calls: where in the graph they happened, and what a client reads beside the message. */
import type { Node } from "./types.js";

/** A failure with fields for the GraphQL error's `extensions`. */
export class EngineError extends Error {
  constructor(
    message: string,
    readonly extensions: Readonly<Record<string, unknown>> = {},
    cause?: unknown,
  ) {
    super(message, cause === undefined ? undefined : { cause });
    this.name = "EngineError";
  }
}

const paths = new WeakMap<Error, readonly string[]>();

/** Field names from Query down to the call, as Dagger puts them into an error's path. */
export function callPath(node: Node | undefined): string[] {
  const path: string[] = [];
  for (let at = node; at !== undefined; at = at.receiver) path.unshift(at.call.field);
  return path;
}

/** Remembers where an error happened. The first, innermost place stays. */
export function locate(error: unknown, path: readonly string[]): Error {
  const located = error instanceof Error ? error : new Error(String(error));
  if (!paths.has(located)) paths.set(located, path);
  return located;
}

export function pathOf(error: Error): readonly string[] | undefined {
  return paths.get(error);
}
