/**
 * What a TypeScript module that depends on this one sees as `@dagger.io/dagger`: the SDK, and the
 * client that Dagger's engine generates. Declarations only, for the type checker.
 * https://github.com/dagger/dagger/tree/v0.21.8/cmd/codegen/generator/typescript/templates
 */
import { pascalCase } from "../../engine/module/names.js";
import type {
  ArgumentType,
  EnumType,
  FunctionType,
  ModuleTypes,
  ObjectType,
  TypeReference,
} from "../../engine/module/types.js";

/** The text of an `index.d.ts`; `sdk` is the path of the SDK's own. */
export function typescriptClient(types: ModuleTypes, sdk: string): string {
  const main = types.objects.find((object) => object.name === types.mainObject);
  const opts = parameters(main?.constructorArguments ?? []);
  return [
    `import { Client, type ${coreTypes(types).join(", type ")} } from "${sdk}";`,
    `export * from "${sdk}";`,
    ...types.objects.map(objectClass),
    ...types.enums.map(enumDeclaration),
    ...interfaceNames(types).map(interfaceDeclaration),
    `export declare const dag: Client & { ${types.name}(${opts}): ${types.mainObject} };\n`,
  ].join("\n");
}

/** Core objects and scalars that signatures name: an import of what is also exported with `*`. */
function coreTypes(types: ModuleTypes): string[] {
  const own = new Set([...types.objects, ...types.enums].map(({ name }) => name));
  const found = namedTypes(types).filter(({ kind, name }) => kind !== "interface" && !own.has(name));
  return [...new Set(found.map(({ name }) => name))].sort();
}

/** Interfaces that arguments ask for. */
function interfaceNames(types: ModuleTypes): string[] {
  const found = namedTypes(types).filter(({ kind }) => kind === "interface");
  return [...new Set(found.map(({ name }) => name))];
}

type NamedType = Extract<TypeReference, { name: string }>;

function namedTypes(types: ModuleTypes): NamedType[] {
  return types.objects.flatMap((object) => [
    ...object.fields.flatMap(({ type }) => named(type)),
    ...[{ arguments: object.constructorArguments ?? [] }, ...object.functions].flatMap((called) => [
      ...("returns" in called ? named(called.returns) : []),
      ...called.arguments.flatMap(({ type }) => named(type)),
    ]),
  ]);
}

function named(type: TypeReference): NamedType[] {
  if (type.kind === "list") return named(type.of);
  return "name" in type ? [type] : [];
}

function objectClass(object: ObjectType): string {
  const fields = object.fields.map((field): FunctionType => ({
    ...field,
    arguments: [],
    returns: field.type,
    cache: "",
  }));
  const methods = [...fields, ...object.functions].map(
    (called) => `  ${called.name}(${parameters(called.arguments)}): ${returned(called.returns)};`,
  );
  return [
    `export declare class ${object.name} {`,
    ...methods,
    `  id(): Promise<string>;`,
    `  with(arg: (param: ${object.name}) => ${object.name}): ${object.name};`,
    "}",
  ].join("\n");
}

/** Required arguments stand one after the other, the others in an object behind them. */
function parameters(found: readonly ArgumentType[]): string {
  const isOptional = (argument: ArgumentType) =>
    argument.optional || argument.default !== undefined || argument.defaultAddress !== undefined;
  const required = found.filter((argument) => !isOptional(argument));
  const optional = found.filter(isOptional);
  const opts = optional.map((argument) => `${argument.name}?: ${typeText(argument.type)}`);
  return [
    ...required.map((argument) => `${argument.name}: ${typeText(argument.type)}`),
    ...(opts.length > 0 ? [`opts?: { ${opts.join("; ")} }`] : []),
  ].join(", ");
}

/** A chain goes on with an object; everything else is asked for. */
function returned(type: TypeReference): string {
  return type.kind === "object" ? type.name : `Promise<${typeText(type)}>`;
}

function typeText(type: TypeReference): string {
  switch (type.kind) {
    case "list":
      return `${typeText(type.of)}[]`;
    case "integer":
    case "float":
      return "number";
    case "interface":
    case "scalar":
    case "object":
    case "enum":
      return type.name;
    case "string":
    case "boolean":
    case "void":
      return type.kind;
  }
}

function enumDeclaration(found: EnumType): string {
  const members = found.members.map(({ name }) => `${pascalCase(name.toLowerCase())} = "${name}"`);
  return `export declare enum ${found.name} { ${members.join(", ")} }`;
}

/** What the module's one interface asks for; the API's types have no more of interfaces than their names. */
function interfaceDeclaration(name: string): string {
  return `export interface ${name} { id(): Promise<string>; asFile(): File }`;
}
