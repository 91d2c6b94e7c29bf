/** The schema is a part of Dagger's own; what it promises is served, and nothing else. */
import { existsSync, readFileSync } from "node:fs";
import { resolve } from "node:path";

import {
  type GraphQLArgument,
  type GraphQLObjectType,
  type GraphQLSchema,
  astFromValue,
  buildSchema,
  isEnumType,
  isInterfaceType,
  isObjectType,
  isScalarType,
  print,
} from "graphql";
import { describe, expect, it } from "vitest";

import { coreResolvers } from "../../engine/resolvers/index.js";
import { runtimeResolvers, runtimeSchema } from "../../engine/module/runtime-api.js";
import { extendSchema, parse } from "graphql";

const schema = extendSchema(
  buildSchema(readFileSync(resolve(import.meta.dirname, "../../engine/schema.graphql"), "utf8")),
  parse(runtimeSchema),
);
const resolvers = { ...coreResolvers, ...runtimeResolvers() };

type TypeRef = { readonly kind: string; readonly name?: string; readonly ofType?: TypeRef };
type Argument = { readonly name: string; readonly type: TypeRef; readonly defaultValue: string | null };
type Field = { readonly name: string; readonly type: TypeRef; readonly args: readonly Argument[] };
type Type = {
  readonly name: string;
  readonly kind: string;
  readonly fields: readonly Field[];
  readonly enumValues: readonly { readonly name: string }[];
};

const realSchema = resolve(import.meta.dirname, "../../../shared/engine/schema-v0.21.8.json");

describe("the local engine's schema", () => {
  it.skipIf(!existsSync(realSchema))(
    "has the types, fields, arguments and defaults of Dagger v0.21.8 (skipped without its recorded schema)",
    () => {
      const real = JSON.parse(readFileSync(realSchema, "utf8")) as { __schema: { types: Type[] } };
      const types = new Map(real.__schema.types.map((type) => [type.name, type]));
      expect(differences(schema, types)).toEqual([]);
    },
  );

  it("has a resolver for every field, and no other", () => {
    const fields = objectTypes(schema).flatMap((type) =>
      Object.keys(type.getFields()).map((field) => `${type.name}.${field}`),
    );
    const general = /^Query\.(node|id|load\w+FromID)$|\.id$/;
    expect(fields.filter((field) => !general.test(field) && !(field in resolvers))).toEqual([]);
    expect(Object.keys(resolvers).filter((name) => !fields.includes(name))).toEqual([]);
  });
});

function objectTypes(of: GraphQLSchema): GraphQLObjectType[] {
  return Object.values(of.getTypeMap()).filter(
    (type): type is GraphQLObjectType => isObjectType(type) && !type.name.startsWith("__"),
  );
}

/** Where ours says something that the real one does not say. */
function differences(ours: GraphQLSchema, real: ReadonlyMap<string, Type>): string[] {
  return Object.values(ours.getTypeMap())
    .filter((type) => !type.name.startsWith("__"))
    .flatMap((type) => {
      const other = real.get(type.name);
      if (other === undefined) return [`${type.name} is not there`];
      if (isScalarType(type)) return other.kind === "SCALAR" ? [] : [`${type.name} is no scalar`];
      if (isEnumType(type)) {
        const names = new Set(other.enumValues.map(({ name }) => name));
        const own = type.getValues().map(({ name }) => name);
        return own.filter((name) => !names.has(name)).map((name) => `${type.name}.${name} is not there`);
      }
      if (!isObjectType(type) && !isInterfaceType(type)) return [`${type.name}: what is it?`];
      return Object.values(type.getFields()).flatMap((field) => {
        const name = `${type.name}.${field.name}`;
        const theirs = other.fields.find((each) => each.name === field.name);
        if (theirs === undefined) return [`${name} is not there`];
        const returned = written(theirs.type);
        return [
          ...(returned === String(field.type)
            ? []
            : [`${name}: ${returned} expected, got ${String(field.type)}`]),
          ...field.args.flatMap((argument) => argumentDifference(name, argument, theirs)),
          ...theirs.args
            .filter(({ name: each, type: { kind }, defaultValue }) => {
              const isRequired = kind === "NON_NULL" && defaultValue === null;
              return isRequired && !field.args.some((argument) => argument.name === each);
            })
            .map((argument) => `${name}(${argument.name}:) is required and missing`),
        ];
      });
    });
}

function argumentDifference(field: string, argument: GraphQLArgument, theirs: Field): string[] {
  const name = `${field}(${argument.name}:)`;
  const other = theirs.args.find((each) => each.name === argument.name);
  if (other === undefined) return [`${name} is not there`];
  const value = astFromValue(argument.defaultValue, argument.type);
  const own = `${String(argument.type)} = ${value === null || value === undefined ? "null" : print(value)}`;
  const expected = `${written(other.type)} = ${other.defaultValue ?? "null"}`;
  return own === expected ? [] : [`${name}: ${expected} expected, got ${own}`];
}

function written({ kind, name = "", ofType }: TypeRef): string {
  if (ofType === undefined || ofType === null) return name;
  return kind === "NON_NULL" ? `${written(ofType)}!` : `[${written(ofType)}]`;
}
