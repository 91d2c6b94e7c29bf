/** Arguments between the three forms that they have: GraphQL's values, a recipe's literals, resolvers' values. */
import {
  type GraphQLArgument,
  type GraphQLInputType,
  getNullableType,
  isEnumType,
  isInputObjectType,
  isListType,
  isNonNullType,
} from "graphql";

import type { Argument, Literal } from "../../src/recipe/index.js";
import type { ArgumentValue, Node } from "./types.js";

export function isNode(value: unknown): value is Node {
  return typeof value === "object" && value !== null && "call" in value && "type" in value;
}

/** Ids are strings in GraphQL; nothing but the type tells them from text. */
export function isIdType(type: GraphQLInputType): boolean {
  const named = getNullableType(type);
  return !isListType(named) && (named.name === "ID" || /^[A-Z]\w*ID$/.test(named.name));
}

/** Replaces ids by nodes, at any depth. */
export async function loadArguments(
  definitions: readonly GraphQLArgument[],
  values: Readonly<Record<string, unknown>>,
  load: (id: string) => Promise<Node>,
): Promise<Record<string, ArgumentValue>> {
  const loaded: Record<string, ArgumentValue> = {};
  for (const definition of definitions) {
    const value = values[definition.name];
    if (value !== undefined) loaded[definition.name] = await loadValue(definition.type, value, load);
  }
  return loaded;
}

async function loadValue(
  type: GraphQLInputType,
  value: unknown,
  load: (id: string) => Promise<Node>,
): Promise<ArgumentValue> {
  const inner = getNullableType(type);
  if (value === null || value === undefined) return null;
  if (isNode(value)) return value;
  if (isListType(inner)) {
    if (!Array.isArray(value)) return [await loadValue(inner.ofType, value, load)];
    return Promise.all(value.map((item) => loadValue(inner.ofType, item, load)));
  }
  if (isInputObjectType(inner)) {
    const entries = Object.entries(value).map(async ([name, item]): Promise<[string, ArgumentValue]> => {
      const field = inner.getFields()[name];
      return [name, field === undefined ? null : await loadValue(field.type, item, load)];
    });
    return Object.fromEntries(await Promise.all(entries));
  }
  if (typeof value === "string") return isIdType(inner) ? load(value) : value;
  if (typeof value === "number" || typeof value === "boolean") return value;
  throw new Error(`an argument of type ${String(inner)} can't hold ${typeof value}`);
}

/** What a recipe holds of the arguments: those that differ from their default, in the schema's order. */
export function recipeArguments(
  definitions: readonly GraphQLArgument[],
  values: Readonly<Record<string, ArgumentValue>>,
): Argument[] {
  return definitions.flatMap((definition) => {
    const value = values[definition.name];
    if (value === undefined || isDefault(definition, value)) return [];
    return [{ name: definition.name, value: toLiteral(definition.type, value) }];
  });
}

function isDefault(definition: GraphQLArgument, value: ArgumentValue): boolean {
  if (value === null) return !isNonNullType(definition.type) && definition.defaultValue === undefined;
  return !isNode(value) && JSON.stringify(value) === JSON.stringify(definition.defaultValue);
}

function toLiteral(type: GraphQLInputType, value: ArgumentValue): Literal {
  const inner = getNullableType(type);
  if (value === null) return { kind: "null" };
  if (isNode(value)) return { kind: "call", digest: value.call.digest };
  if (Array.isArray(value)) {
    const element = isListType(inner) ? inner.ofType : inner;
    return { kind: "list", values: value.map((item: ArgumentValue) => toLiteral(element, item)) };
  }
  if (typeof value === "boolean") return { kind: "bool", value };
  if (typeof value === "number") {
    return { kind: "name" in inner && inner.name === "Float" ? "float" : "int", value };
  }
  if (typeof value === "string") return { kind: isEnumType(inner) ? "enum" : "string", value };
  const fields = isInputObjectType(inner) ? inner.getFields() : {};
  const values = Object.entries(value).flatMap(([name, item]) => {
    const field = fields[name];
    return field === undefined ? [] : [{ name, value: toLiteral(field.type, item) }];
  });
  return { kind: "object", values };
}

/** Back from a recipe, defaults filled in. `nodeOf` finds the node of a call's digest. */
export function fromRecipeArguments(
  definitions: readonly GraphQLArgument[],
  args: readonly Argument[],
  nodeOf: (digest: string) => Node,
): Record<string, ArgumentValue> {
  const values: Record<string, ArgumentValue> = {};
  for (const definition of definitions) {
    const given = args.find((argument) => argument.name === definition.name);
    if (given !== undefined) values[definition.name] = fromLiteral(given.value, nodeOf);
    else if (definition.defaultValue !== undefined) {
      values[definition.name] = definition.defaultValue as ArgumentValue;
    }
  }
  return values;
}

function fromLiteral(literal: Literal, nodeOf: (digest: string) => Node): ArgumentValue {
  switch (literal.kind) {
    case "call":
      return nodeOf(literal.digest);
    case "null":
      return null;
    case "list":
      return literal.values.map((value) => fromLiteral(value, nodeOf));
    case "object":
      return Object.fromEntries(literal.values.map(({ name, value }) => [name, fromLiteral(value, nodeOf)]));
    case "bool":
    case "enum":
    case "int":
    case "float":
    case "string":
    case "digestedString":
      return literal.value;
  }
}
