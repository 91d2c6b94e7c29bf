/** What a module gives where an argument is left out: a directory or a file of its own source, by its default path. */
import { posix } from "node:path";

import { membersOf } from "../../statement/json-value.js";
import { askUntraced, type EnginePort, refusal } from "../gather/engine.js";
import { isRecord, recordsOf, textOf } from "../json.js";
import type { OmittedArgument } from "./plan.js";

/** Where the value lies below the root of the directory that the module was served from. */
export type ContextualValue = {
  readonly kind: "directory" | "file";
  readonly path: string;
  /** Patterns of what is left out of a directory. */
  readonly ignore: readonly string[];
};

/** The module's directory, and where in it the module is. */
export type ServedModule = { readonly id: string; readonly modulePath: string };

/**
 * The values that stand for arguments that were left out, by the arguments' keys. The engine takes them out of the
 * module's source by itself, under a digest that no span leads to. Nothing where it does not tell of its types.
 */
export async function contextualValues(
  engine: EnginePort,
  { id, modulePath }: ServedModule,
  omitted: readonly OmittedArgument[],
): Promise<Record<string, ContextualValue>> {
  if (omitted.length === 0) return {};
  const answer = await askUntraced(engine, typesQuery, { id, path: modulePath });
  if (refusal(answer) !== undefined) return {};
  const objects = objectsIn(answer.data);
  const values: Record<string, ContextualValue> = {};
  for (const { key, object, functionName, argument } of omitted) {
    const type = objects.find(({ name }) => name === object) ?? {};
    const made =
      functionName === undefined
        ? type["constructor"]
        : recordsOf(type["functions"]).find(({ name }) => name === functionName);
    const args = recordsOf(membersOf(made)["args"]);
    const value = valueOf(args.find(({ name }) => name === argument) ?? {}, modulePath);
    if (value !== undefined) values[key] = value;
  }
  return values;
}

const typesQuery = `query ($id: ID!, $path: String!) {
  node(id: $id) { ... on Directory { asModule(sourceRootPath: $path) {
    userDefaults { variables { name } }
    objects { asObject { name constructor { ...arguments } functions { ...arguments } } }
  } } }
}
fragment arguments on Function { name args { name defaultPath ignore typeDef { asObject { name } } } }`;

/** None where the user has defaults of his own: which of the two an argument takes is not told. */
function objectsIn(data: unknown): Record<string, unknown>[] {
  const { userDefaults, objects } = membersOf(membersOf(membersOf(data)["node"])["asModule"]);
  if (recordsOf(membersOf(userDefaults)["variables"]).length > 0) return [];
  return recordsOf(objects).flatMap(({ asObject }) => (isRecord(asObject) ? [asObject] : []));
}

/** A path from the root is one of the context, any other one of the module. */
function valueOf(argument: Record<string, unknown>, modulePath: string): ContextualValue | undefined {
  const { defaultPath, ignore, typeDef } = argument;
  const type = textOf(membersOf(membersOf(typeDef)["asObject"])["name"]);
  const path = textOf(defaultPath);
  if (path === "" || (type !== "Directory" && type !== "File")) return undefined;
  return {
    kind: type === "Directory" ? "directory" : "file",
    path: path.startsWith("/") ? posix.normalize(path) : posix.join("/", modulePath, path),
    ignore: Array.isArray(ignore) ? ignore.map(textOf) : [],
  };
}
