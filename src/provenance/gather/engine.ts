/** What gathering evidence needs of an engine: a port, so that the core knows no client library. */
import { isRecord } from "../json.js";
import type { LeafFacts } from "../recipe/resolve.js";

/** A GraphQL response. */
export type Answer = {
  readonly data?: unknown;
  readonly errors?: readonly { readonly message: string; readonly path?: readonly unknown[] }[];
};

export type Variables = Readonly<Record<string, string>>;

/** Types of values that provenance is made of. */
export type ValueType = "Container" | "Directory" | "File";

export type EnginePort = {
  /** Sends one query under the trace of the present call. Rejects only when the engine can't be reached. */
  query(text: string, variables: Variables): Promise<Answer>;
  /**
   * The same without a trace, for a look around that is no part of the build: a question about the schema
   * leaves thousands of spans otherwise, which cost minutes. Undefined where there is no difference.
   */
  untracedQuery?(text: string, variables: Variables): Promise<Answer>;
  /**
   * The same from a client that is no module and so sees the engine's newest API. Undefined where there
   * can be none.
   */
  nestedQuery?(text: string, variables: Variables): Promise<Answer>;
  /**
   * What the engine streams of a signal (server-sent events), in pieces as they come, until it falls silent.
   * Rejects with the reason when there is no such stream.
   */
  stream(signal: "traces" | "metrics", patience: Patience): Promise<AsyncIterable<string>>;
  /** Digest and size of a file's bytes, by its id. */
  fileFacts(id: string): Promise<LeafFacts>;
  /** Digests of a directory's content, by its id. */
  directoryFacts(id: string): Promise<LeafFacts>;
};

/**
 * How long a stream is read, in milliseconds: for `most` until it begins, then until nothing has come for `idle` (longer
 * where it began late), and never longer than `most`.
 */
export type Patience = { readonly idle: number; readonly most: number };

/**
 * Fields of the object that an id loads; undefined where the engine answers none.
 * @throws Error with the engine's refusal
 */
export async function askNode(
  engine: EnginePort,
  type: string,
  id: string,
  fields: string,
): Promise<Record<string, unknown> | undefined> {
  const query = `query ($id: ID!) { node(id: $id) { ... on ${type} { ${fields} } } }`;
  const answer = await engine.query(query, { id });
  const reason = refusal(answer);
  if (reason !== undefined) throw new Error(reason);
  const node = isRecord(answer.data) ? answer.data["node"] : undefined;
  return isRecord(node) ? node : undefined;
}

/** Asks without a trace, where there is a difference. */
export function askUntraced(engine: EnginePort, text: string, variables: Variables): Promise<Answer> {
  return engine.untracedQuery?.(text, variables) ?? engine.query(text, variables);
}

/** The first error's message, or undefined when there is none. */
export function refusal({ errors }: Answer): string | undefined {
  return errors?.[0]?.message;
}
