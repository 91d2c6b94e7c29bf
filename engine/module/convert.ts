/**
 * From what the introspector found to the types that Dagger's API shows, by the rules of the SDK's
 * registration (`module/entrypoint/register.js` in the package).
 */
import {
  ownConstructor,
  type ScannedArgument,
  type ScannedEnum,
  type ScannedFunction,
  type ScannedModule,
  type ScannedObject,
  type ScannedType,
} from "./introspector.js";
import { enumMemberName, isKeptAsIs, pascalCase, schemaName } from "./names.js";
import type {
  ArgumentType,
  EnumType,
  FunctionType,
  JsonValue,
  ModuleTypes,
  ObjectType,
  TypeReference,
} from "./types.js";

/** Types under their schema names; `name` is the module's name in dagger.json. */
export function convertModule(name: string, scanned: ScannedModule): ModuleTypes {
  const mainClass = pascalCase(name);
  if (scanned.objects[mainClass] === undefined) {
    throw new Error(`module ${name}: no class ${mainClass} with @object() found in its source`);
  }
  const convert = new Converter(name, scanned);
  return {
    name,
    description: scanned.description ?? "",
    mainObject: schemaName(mainClass, name),
    objects: Object.values(scanned.objects).map((object) => convert.object(object)),
    enums: Object.values(scanned.enums).map((found) => convert.enum(found)),
  };
}

class Converter {
  constructor(
    private readonly moduleName: string,
    private readonly scanned: ScannedModule,
  ) {}

  object(object: ScannedObject): ObjectType {
    const constructor = ownConstructor(object);
    const properties = Object.values(object.properties);
    return {
      name: schemaName(object.name, this.moduleName),
      className: object.name,
      description: object.description ?? "",
      ...(constructor && { constructorArguments: this.arguments(constructor.arguments) }),
      functions: Object.values(object.methods).map((method) => this.function(method)),
      fields: properties
        .filter((property) => property.isExposed)
        .map((property) => ({
          name: keptName(property.alias ?? property.name),
          description: property.description ?? "",
          type: this.type(property.type),
          ...optional("deprecated", property.deprecated),
        })),
      state: properties.map((property) => ({
        name: property.alias ?? property.name,
        type: this.type(property.type),
      })),
    };
  }

  enum(found: ScannedEnum): EnumType {
    return {
      name: schemaName(found.name, this.moduleName),
      enumName: found.name,
      description: found.description ?? "",
      members: Object.values(found.values).map((member) => ({
        name: enumMemberName(member.name),
        sourceName: member.name,
        description: member.description ?? "",
      })),
    };
  }

  private function(method: ScannedFunction): FunctionType {
    return {
      name: keptName(method.alias ?? method.name),
      description: method.description ?? "",
      arguments: this.arguments(method.arguments),
      returns: this.type(method.returnType),
      cache: method.cache ?? "",
      ...optional("deprecated", method.deprecated),
    };
  }

  private arguments(found: Record<string, ScannedArgument>): ArgumentType[] {
    return Object.values(found).map((argument) => {
      const defaultValue = this.defaultValue(argument);
      const computed = argument.defaultValue !== undefined && defaultValue === undefined;
      return {
        name: keptName(argument.name),
        description: argument.description ?? "",
        type: this.type(argument.type),
        optional: argument.isOptional || computed || argument.defaultPath !== undefined,
        ...optional("default", defaultValue),
        ...optional("defaultPath", argument.defaultPath),
        ...optional("defaultAddress", argument.defaultAddress),
        ...optional("deprecated", argument.deprecated),
      };
    });
  }

  /** Only primitives have a default in the schema; the rest the module computes itself. */
  private defaultValue(argument: ScannedArgument): JsonValue | undefined {
    const value = argument.defaultValue as JsonValue | undefined;
    if (value === undefined) return undefined;
    const kind = argument.type.kind;
    if (kind !== "ENUM_KIND") return primitives.has(kind) ? value : undefined;
    const found = this.scanned.enums[argument.type.name ?? ""];
    if (found === undefined) return value;
    const member = Object.values(found.values).find((candidate) => candidate.value === value);
    if (member === undefined)
      throw new Error(`no member of ${found.name} has the value ${JSON.stringify(value)}`);
    return enumMemberName(member.name);
  }

  private type(type: ScannedType): TypeReference {
    const simple = primitives.get(type.kind);
    if (simple !== undefined) return { kind: simple };
    if (type.kind === "LIST_KIND" && type.typeDef !== undefined) {
      return { kind: "list", of: this.type(type.typeDef) };
    }
    const kind = named.get(type.kind);
    if (kind === undefined || type.name === undefined) throw new Error(`unknown kind of type ${type.kind}`);
    return { kind, name: this.isOwn(type.name) ? schemaName(type.name, this.moduleName) : type.name };
  }

  private isOwn(name: string): boolean {
    const { objects, enums, interfaces } = this.scanned;
    return [objects, enums, interfaces].some((found) => Object.hasOwn(found, name));
  }
}

function keptName(name: string): string {
  if (isKeptAsIs(name)) return name;
  throw new Error(
    `Dagger would rename ${name}: write camelCase, acronyms too (traceUrl), and a capital after a digit`,
  );
}

const primitives = new Map([
  ["STRING_KIND", "string"],
  ["INTEGER_KIND", "integer"],
  ["FLOAT_KIND", "float"],
  ["BOOLEAN_KIND", "boolean"],
  ["VOID_KIND", "void"],
] as const) as ReadonlyMap<string, "string" | "integer" | "float" | "boolean" | "void">;

const named = new Map([
  ["SCALAR_KIND", "scalar"],
  ["OBJECT_KIND", "object"],
  ["ENUM_KIND", "enum"],
  ["INTERFACE_KIND", "interface"],
] as const) as ReadonlyMap<string, "scalar" | "object" | "enum" | "interface">;

function optional<K extends string, V>(key: K, value: V | undefined): { [key in K]?: V } {
  return value === undefined ? {} : ({ [key]: value } as { [key in K]?: V });
}
