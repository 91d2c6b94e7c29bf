/**
 * Everything that can stand on a command line: the module's objects and the core API's, in one table
 * from which parsing, help and queries follow.
 */
import type {
  EnumType,
  FunctionType,
  ModuleTypes,
  ObjectType,
  TypeReference,
} from "../engine/module/types.js";

/** An object as the command line sees it: fields are functions without arguments. */
export type CatalogObject = {
  readonly name: string;
  readonly description: string;
  readonly functions: readonly FunctionType[];
};

export type CatalogEnum = Pick<EnumType, "name" | "description" | "members">;

export type Catalog = {
  readonly moduleName: string;
  readonly moduleDescription: string;
  /** Field of the query that makes the main object. */
  readonly constructorFunction: FunctionType;
  readonly objects: ReadonlyMap<string, CatalogObject>;
  /** Names of the objects that are the module's, not the core API's. */
  readonly ownObjects: ReadonlySet<string>;
  readonly enums: ReadonlyMap<string, CatalogEnum>;
};

/** The part of the core API that the engine at hand has. */
export type CoreTypes = {
  readonly objects: readonly CatalogObject[];
  readonly enums: readonly CatalogEnum[];
};

/** Joins the module's types with the core's. `constructorName` is the module's field on Query. */
export function makeCatalog(module: ModuleTypes, core: CoreTypes, constructorName: string): Catalog {
  const own = module.objects.map(asCatalogObject);
  const main = module.objects.find((object) => object.name === module.mainObject);
  return {
    moduleName: module.name,
    moduleDescription: module.description,
    constructorFunction: {
      name: constructorName,
      description: module.description,
      arguments: main?.constructorArguments ?? [],
      returns: { kind: "object", name: module.mainObject },
      cache: "",
    },
    objects: new Map([...core.objects, ...own].map((object) => [object.name, object])),
    ownObjects: new Set(own.map((object) => object.name)),
    enums: new Map([...core.enums, ...module.enums].map((found) => [found.name, found])),
  };
}

function asCatalogObject(object: ObjectType): CatalogObject {
  const fields = object.fields.map((field) => ({
    name: field.name,
    description: field.description,
    arguments: [],
    returns: field.type,
    cache: "",
  }));
  return {
    name: object.name,
    description: object.description,
    functions: [...fields, ...object.functions],
  };
}

/** The object that a chain goes on with after a function: what it returns, or what its list holds. */
export function nextObject(catalog: Catalog, type: TypeReference): CatalogObject | undefined {
  if (type.kind === "list") return nextObject(catalog, type.of);
  return type.kind === "object" ? catalog.objects.get(type.name) : undefined;
}

/** Core objects that a flag's value can name; the rest can't be written on a command line. */
const objectsByAddress = new Set([
  "Container",
  "Directory",
  "File",
  "GitRef",
  "GitRepository",
  "Secret",
  "Service",
]);

/** Whether an argument of this type can be given by a flag. */
export function hasFlag(type: TypeReference, inList = false): boolean {
  if (type.kind === "list") return !inList && hasFlag(type.of, true);
  if (type.kind === "object") return objectsByAddress.has(type.name);
  return type.kind !== "interface" && type.kind !== "void";
}

/** The functions of an object that can be called from a command line. */
export function callable(object: CatalogObject): FunctionType[] {
  return object.functions.filter((candidate) =>
    candidate.arguments.every((argument) => !isRequired(argument) || hasFlag(argument.type)),
  );
}

/** How many functions of the module a chain calls: the constructor, and what follows on an object of the module. */
export function moduleCalls(catalog: Catalog, chain: readonly FunctionType[]): number {
  const receivers = chain.slice(0, -1).map((called) => nextObject(catalog, called.returns)?.name ?? "");
  return 1 + receivers.filter((name) => catalog.ownObjects.has(name)).length;
}

/** Whether a call without this argument is refused. */
export function isRequired(argument: FunctionType["arguments"][number]): boolean {
  return !argument.optional && argument.default === undefined && argument.defaultAddress === undefined;
}
