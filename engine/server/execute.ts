/** Executes queries against a session. */
import {
  type FormattedExecutionResult,
  GraphQLError,
  type GraphQLFieldResolver,
  type GraphQLSchema,
  Source,
  execute,
  getNamedType,
  isAbstractType,
  isObjectType,
  parse,
  validate,
} from "graphql";

import { EngineError, pathOf } from "../graph/error.js";
import { isNode } from "../graph/literals.js";
import type { Session } from "../graph/session.js";
import type { Client, Node } from "../graph/types.js";
import { validationRules } from "./refusals.js";

export type QueryRequest = {
  readonly query: string;
  readonly variables?: Readonly<Record<string, unknown>>;
  readonly operationName?: string;
};

export async function executeQuery(
  schema: GraphQLSchema,
  session: Session,
  client: Client,
  request: QueryRequest,
): Promise<FormattedExecutionResult> {
  let document;
  try {
    document = parse(new Source(request.query, "query"));
  } catch (error) {
    return { errors: [formatError(error)] };
  }
  const problems = validate(schema, document, validationRules);
  if (problems.length > 0) return { errors: problems.map(formatError) };
  const result = await execute({
    schema,
    document,
    contextValue: client,
    fieldResolver: resolverFor(session),
    typeResolver: (value) => (isNode(value) ? value.type : undefined),
    ...(request.variables === undefined ? {} : { variableValues: request.variables }),
    ...(request.operationName === undefined ? {} : { operationName: request.operationName }),
  });
  const { data, errors } = result;
  return {
    ...(data === undefined ? {} : { data }),
    ...(errors === undefined ? {} : { errors: errors.map(formatError) }),
  };
}

const loader = /^load(\w+)FromID$/;

function resolverFor(session: Session): GraphQLFieldResolver<unknown, Client> {
  return async (source, args: Readonly<Record<string, unknown>>, client, info) => {
    const receiver: Node | undefined = isNode(source) ? source : undefined;
    const field = info.parentType.getFields()[info.fieldName];
    if (field === undefined) throw new Error(`no field ${info.fieldName}`);
    if (receiver === undefined && (field.name === "node" || loader.test(field.name))) {
      const node = await session.load(client, String(args["id"]));
      const expected = loader.exec(field.name)?.[1] ?? node.type;
      if (node.type !== expected)
        throw new EngineError(`an id of a ${expected} expected, got one of a ${node.type}`);
      return node;
    }
    if (receiver !== undefined && field.name === "id") return session.id(receiver);
    if (receiver !== undefined && field.name === "sync") {
      await session.scalar(client, receiver, field, args);
      return session.id(receiver);
    }
    const type = getNamedType(field.type);
    if (isObjectType(type) || isAbstractType(type)) return session.select(client, receiver, field, args);
    return session.scalar(client, receiver, field, args);
  };
}

/** Dagger gives the path of the call chain, not of the response. */
function formatError(error: unknown): {
  message: string;
  path?: readonly string[];
  extensions?: Record<string, unknown>;
} {
  const original = error instanceof GraphQLError ? (error.originalError ?? undefined) : error;
  const message = error instanceof Error ? error.message : String(error);
  if (!(original instanceof Error)) return { message };
  const path = pathOf(original);
  const extensions = extensionsOf(original);
  return {
    message,
    ...(path === undefined ? {} : { path }),
    ...(extensions === undefined ? {} : { extensions }),
  };
}

function extensionsOf(error: Error): Record<string, unknown> | undefined {
  if (error instanceof EngineError)
    return Object.keys(error.extensions).length > 0 ? { ...error.extensions } : undefined;
  if ("extensions" in error && typeof error.extensions === "object" && error.extensions !== null) {
    return { ...error.extensions };
  }
  return undefined;
}
