/** The core API as the local engine has it, read from its schema: what a chain can go on with. */
import { readFile } from "node:fs/promises";
import { join } from "node:path";

import {
  type DefinitionNode,
  type EnumTypeDefinitionNode,
  type FieldDefinitionNode,
  type InputValueDefinitionNode,
  Kind,
  type ObjectTypeDefinitionNode,
  parse,
  type TypeNode,
  valueFromASTUntyped,
} from "graphql";

import { cachedJson } from "../engine/module/cache.js";
import { locateSdk } from "../engine/module/introspector.js";
import type { ArgumentType, FunctionType, JsonValue, TypeReference } from "../engine/module/types.js";
import type { CatalogEnum, CatalogObject, CoreTypes } from "./catalog.js";
import type { FunctionDoc } from "./sdk-docs.js";

/** The types of engine/schema.graphql with the SDK's docs; from `cache` where they were joined before. */
export async function coreTypes(cache: string): Promise<CoreTypes> {
  const schema = await readFile(new URL("../engine/schema.graphql", import.meta.url), "utf8");
  const sdk = await locateSdk();
  return await cachedJson(join(cache, "types"), ["core 1", sdk.version, schema], async () => {
    const { sdkDocs } = await import("./sdk-docs.js");
    const declarations = await readFile(join(sdk.directory, "dist", "src", "api", "client.gen.d.ts"), "utf8");
    return readCoreTypes(schema, sdkDocs(declarations));
  });
}

/** The types of a schema in SDL. Of which type an id has to be, and the docs, come from `docs`. */
export function readCoreTypes(schema: string, docs: ReadonlyMap<string, FunctionDoc>): CoreTypes {
  const { definitions } = parse(schema, { noLocation: true });
  const reader = new SchemaReader(definitions, docs);
  return {
    objects: definitions
      .filter((found) => found.kind === Kind.OBJECT_TYPE_DEFINITION)
      .map((found) => reader.object(found)),
    enums: definitions.filter((found) => found.kind === Kind.ENUM_TYPE_DEFINITION).map(catalogEnum),
  };
}

function catalogEnum(found: EnumTypeDefinitionNode): CatalogEnum {
  const members = (found.values ?? []).map(({ name }) => ({
    name: name.value,
    sourceName: name.value,
    description: "",
  }));
  return { name: found.name.value, description: "", members };
}

type NamedKind = "scalar" | "object" | "enum" | "interface";

const definitionKinds: ReadonlyMap<string, NamedKind> = new Map([
  ["ScalarTypeDefinition", "scalar"],
  ["ObjectTypeDefinition", "object"],
  ["EnumTypeDefinition", "enum"],
  ["InterfaceTypeDefinition", "interface"],
]);

const builtIn: ReadonlyMap<string, TypeReference> = new Map<string, TypeReference>([
  ["String", { kind: "string" }],
  ["Int", { kind: "integer" }],
  ["Float", { kind: "float" }],
  ["Boolean", { kind: "boolean" }],
  ["Void", { kind: "void" }],
]);

class SchemaReader {
  private readonly kinds: ReadonlyMap<string, NamedKind>;

  constructor(
    definitions: readonly DefinitionNode[],
    private readonly docs: ReadonlyMap<string, FunctionDoc>,
  ) {
    this.kinds = new Map(
      definitions.flatMap((found): [string, NamedKind][] => {
        const kind = definitionKinds.get(found.kind);
        return kind !== undefined && "name" in found && found.name !== undefined
          ? [[found.name.value, kind]]
          : [];
      }),
    );
  }

  object(found: ObjectTypeDefinitionNode): CatalogObject {
    const name = found.name.value;
    return {
      name,
      description: this.docs.get(name)?.description ?? "",
      functions: (found.fields ?? []).map((field) => this.function(name, field)),
    };
  }

  private function(owner: string, field: FieldDefinitionNode): FunctionType {
    const doc = this.docs.get(`${owner}.${field.name.value}`);
    return {
      name: field.name.value,
      description: doc?.description ?? "",
      arguments: (field.arguments ?? []).map((argument) => this.argument(argument, doc)),
      returns: this.type(field.type, undefined),
      cache: "",
    };
  }

  private argument(argument: InputValueDefinitionNode, doc: FunctionDoc | undefined): ArgumentType {
    const found = doc?.arguments.get(argument.name.value);
    return {
      name: argument.name.value,
      description: found?.description ?? "",
      type: this.type(argument.type, found?.type),
      optional: argument.type.kind !== Kind.NON_NULL_TYPE,
      ...(argument.defaultValue && { default: valueFromASTUntyped(argument.defaultValue) as JsonValue }),
    };
  }

  private type(node: TypeNode, expected: string | undefined): TypeReference {
    if (node.kind === Kind.NON_NULL_TYPE) return this.type(node.type, expected);
    if (node.kind === Kind.LIST_TYPE) return { kind: "list", of: this.type(node.type, expected) };
    const name = node.name.value;
    if (name === "ID" && expected !== undefined && this.kinds.get(expected) === "object") {
      return { kind: "object", name: expected };
    }
    return builtIn.get(name) ?? { kind: this.kinds.get(name) ?? "scalar", name };
  }
}
