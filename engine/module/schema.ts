/** The part of the GraphQL schema that a module adds, as Dagger would show it. */
import type {
  ArgumentType,
  EnumType,
  FunctionType,
  ModuleTypes,
  ObjectType,
  TypeReference,
} from "./types.js";

/** SDL for the module's objects and enums, and its constructor as a field of Query. */
export function moduleSchema(types: ModuleTypes, constructorName: string): string {
  const main = types.objects.find((object) => object.name === types.mainObject);
  const constructor = `${constructorName}${argumentList(main?.constructorArguments ?? [])}: ${types.mainObject}!`;
  return [
    `extend type Query {\n${describe(types.description, 2)}  ${constructor}\n}`,
    ...types.objects.map(objectDefinition),
    ...types.enums.map(enumDefinition),
  ].join("\n\n");
}

function objectDefinition(object: ObjectType): string {
  const fields = object.fields.map((field) => fieldDefinition(field.name, field.description, "", field.type));
  const functions = object.functions.map((called: FunctionType) =>
    fieldDefinition(called.name, called.description, argumentList(called.arguments), called.returns),
  );
  const body = ["  id: ID!", ...fields, ...functions].join("\n");
  return `${describe(object.description, 0)}type ${object.name} implements Node {\n${body}\n}`;
}

function fieldDefinition(name: string, description: string, given: string, type: TypeReference): string {
  // Void is the one result that may be null.
  const returns = type.kind === "void" ? "Void" : `${outputType(type)}!`;
  return `${describe(description, 2)}  ${name}${given}: ${returns}`;
}

function enumDefinition(found: EnumType): string {
  const members = found.members.map((member) => `${describe(member.description, 2)}  ${member.name}`);
  return `${describe(found.description, 0)}enum ${found.name} {\n${members.join("\n")}\n}`;
}

function argumentList(found: readonly ArgumentType[]): string {
  if (found.length === 0) return "";
  return `(${found.map(argumentDefinition).join(", ")})`;
}

function argumentDefinition(argument: ArgumentType): string {
  const type = inputType(argument.type) + (argument.optional ? "" : "!");
  const value = argument.default === undefined ? "" : ` = ${literal(argument.type, argument.default)}`;
  return `${argument.name}: ${type}${value}${expectedType(argument.type)}`;
}

/** Objects are given by id; which type it has to be of stands in a directive. */
function expectedType(type: TypeReference): string {
  const inner = innermost(type);
  return inner.kind === "object" || inner.kind === "interface"
    ? ` @expectedType(name: ${JSON.stringify(inner.name)})`
    : "";
}

function innermost(type: TypeReference): TypeReference {
  return type.kind === "list" ? innermost(type.of) : type;
}

function inputType(type: TypeReference): string {
  if (type.kind === "list") return `[${inputType(type.of)}!]`;
  return type.kind === "object" || type.kind === "interface" ? "ID" : outputType(type);
}

function outputType(type: TypeReference): string {
  if (type.kind === "list") return `[${outputType(type.of)}!]`;
  return "name" in type ? type.name : (scalarNames.get(type.kind) ?? "String");
}

const scalarNames: ReadonlyMap<string, string> = new Map([
  ["string", "String"],
  ["integer", "Int"],
  ["float", "Float"],
  ["boolean", "Boolean"],
  ["void", "Void"],
]);

function literal(type: TypeReference, value: NonNullable<ArgumentType["default"]> | null): string {
  return type.kind === "enum" && typeof value === "string" ? value : JSON.stringify(value);
}

function describe(text: string, by: number): string {
  if (text === "") return "";
  return `${" ".repeat(by)}${JSON.stringify(text)}\n`;
}
