/**
 * The client that Dagger's engine generates for a Go module that depends on this one: the module's types
 * and those of the core that the local engine has. Bodies do nothing; it is there to be compiled against.
 * https://github.com/dagger/dagger/tree/v0.21.8/cmd/codegen/generator/go/templates
 */
import { type Catalog, type CatalogEnum, type CatalogObject, isRequired } from "../../cli/catalog.js";
import { pascalCase } from "../../engine/module/names.js";
import type { ArgumentType, FunctionType, TypeReference } from "../../engine/module/types.js";

/** Words that Go's style wants in capitals: those of the generator's list that occur here. */
const initialisms = /(Id|Json|Html|Http|Https|Url|Uri|Api|Tls|Ip|Uid|Ttl)(?=[A-Z]|$)/g;

function goName(name: string): string {
  return pascalCase(name).replace(initialisms, (word) => word.toUpperCase());
}

/** The text of `internal/dagger/dagger.gen.go`. */
export function goClient(catalog: Catalog): string {
  const query: CatalogObject = catalog.objects.get("Query") ?? {
    name: "Query",
    description: "",
    functions: [],
  };
  const client = { ...query, name: "Client", functions: [...query.functions, catalog.constructorFunction] };
  const objects = [...catalog.objects.values()].filter(({ name }) => name !== "Query");
  const all = [client, ...objects].flatMap(({ functions }) => functions);
  const scalars = new Set(all.flatMap((called) => namesOf(called, "scalar")));
  const interfaces = [...new Set(all.flatMap((called) => namesOf(called, "interface")))];
  // Objects that the local engine does not have, but that an argument takes.
  const others = [...new Set(all.flatMap((called) => namesOf(called, "object")))].filter(
    (name) => name !== "Query" && !catalog.objects.has(name),
  );
  return [
    "package dagger",
    'import "context"',
    ...[...scalars].map((name) => `type ${name} string`),
    ...others.map((name) => `type ${name} struct{}`),
    ...interfaces.map((name) => `type ${name} interface { is${name}() }`),
    ...[...catalog.enums.values()].map(goEnum),
    ...[client, ...objects].map(goObject),
    ...objects.filter(hasFile).flatMap(({ name }) => interfaces.map((wanted) => goConversion(name, wanted))),
  ].join("\n");
}

/** What the module's one interface asks for; the API's types have no more of interfaces than their names. */
function hasFile({ functions }: CatalogObject): boolean {
  return functions.some(
    ({ name, returns, arguments: found }) =>
      name === "asFile" && "name" in returns && returns.name === "File" && !found.some(isRequired),
  );
}

/** An object is no value of the interface by itself: its `As...` makes it one. */
function goConversion(name: string, wanted: string): string {
  return `func (r *${name}) As${wanted}() ${wanted} { panic("not run") }`;
}

type NamedKind = "scalar" | "object" | "interface";

/** Names of a kind in a function's signature. */
function namesOf(called: FunctionType, kind: NamedKind): string[] {
  return [called.returns, ...called.arguments.map(({ type }) => type)].flatMap((type) => names(type, kind));
}

function names(type: TypeReference, kind: NamedKind): string[] {
  if (type.kind === "list") return names(type.of, kind);
  return type.kind === kind ? [type.name] : [];
}

function goEnum(found: CatalogEnum): string {
  // Members that differ in nothing but case are one constant.
  const members = new Map(
    found.members.map(({ name }) => [`${found.name}${pascalCase(name.toLowerCase())}`, name] as const),
  );
  const constants = [...members].map(([constant, name]) => `${constant} ${found.name} = "${name}"`);
  return `type ${found.name} string\nconst (\n${constants.join("\n")}\n)`;
}

function goObject(object: CatalogObject): string {
  return [
    `type ${object.name} struct{}`,
    `type With${object.name}Func func(r *${object.name}) *${object.name}`,
    ...(object.functions.some(({ name }) => name === "with")
      ? []
      : [`func (r *${object.name}) With(f With${object.name}Func) *${object.name} { return f(r) }`]),
    ...object.functions.map((called) => goMethod(object, called)),
  ].join("\n");
}

function goMethod(object: CatalogObject, called: FunctionType): string {
  const name = goName(called.name);
  const optional = called.arguments.filter((argument) => !isRequired(argument));
  const optsName = `${object.name === "Client" ? "" : object.name}${name}Opts`;
  const isChained = called.returns.kind === "object";
  const parameters = [
    ...(isChained ? [] : ["ctx context.Context"]),
    ...called.arguments.filter(isRequired).map((argument) => `${argument.name}_ ${goType(argument.type)}`),
    ...(optional.length > 0 ? [`opts ...${optsName}`] : []),
  ];
  const fields = optional.map(
    (argument: ArgumentType) => `${goName(argument.name)} ${goType(argument.type)}`,
  );
  return [
    ...(optional.length > 0 ? [`type ${optsName} struct {\n${fields.join("\n")}\n}`] : []),
    `func (r *${object.name}) ${name}(${parameters.join(", ")}) ${goReturn(called)} { panic("not run") }`,
  ].join("\n");
}

function goReturn({ name, returns }: FunctionType): string {
  if (returns.kind === "object") return goType(returns);
  if (returns.kind === "void") return "error";
  if (returns.kind === "list") return `([]${goType(returns.of).replace("*", "")}, error)`;
  // `sync` gives the object back, whatever the schema says of ids.
  return name === "sync" ? "(any, error)" : `(${goType(returns)}, error)`;
}

function goType(type: TypeReference): string {
  switch (type.kind) {
    case "list":
      return `[]${goType(type.of)}`;
    case "object":
      return `*${type.name}`;
    case "enum":
    case "scalar":
    case "interface":
      return type.name;
    case "integer":
      return "int";
    case "float":
      return "float64";
    case "boolean":
      return "bool";
    case "string":
      return "string";
    case "void":
      return "struct{}";
  }
}
