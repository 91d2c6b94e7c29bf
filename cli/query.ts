/** One GraphQL query for a whole chain, as Dagger's command line builds it. */
import type { FunctionType, TypeReference } from "../engine/module/types.js";
import type { Catalog } from "./catalog.js";
import { nextObject } from "./catalog.js";
import type { Options, Step } from "./parse.js";
import type { Value } from "./values.js";

/** An address in the chain that has to be resolved to an id before. */
export type Address = Extract<Value, { kind: "address" }>;

/** Every address that the steps name, in order, each once. */
export function addresses(steps: readonly Step[]): Address[] {
  const found = steps.flatMap((step) => step.given.flatMap(({ value }) => addressesIn(value)));
  return [...new Map(found.map((address) => [addressKey(address), address])).values()];
}

export function addressesIn(value: Value): Address[] {
  if (value.kind === "address") return [value];
  return value.kind === "list" ? value.values.flatMap(addressesIn) : [];
}

export function addressKey(address: Address): string {
  return `${address.type} ${address.address}`;
}

/** The query that resolves one address to an id: `{ address(value: "alpine:3.22") { container { id } } }`. */
export function addressQuery(address: Address): string {
  const field = address.type.charAt(0).toLowerCase() + address.type.slice(1);
  return `{ address(value: ${JSON.stringify(address.address)}) { ${field} { id } } }`;
}

export type Query = {
  readonly text: string;
  /** Names of the fields from the outside in: where the result stands in the response. */
  readonly path: readonly string[];
  /** What stands there. */
  readonly returns: TypeReference;
  /** Whether the result was written to `--output` by the query itself. */
  readonly exported: boolean;
};

/** `ids` holds the id of each address by its key. */
export function chainQuery(
  catalog: Catalog,
  steps: readonly [Step, ...Step[]],
  options: Options,
  ids: ReadonlyMap<string, string>,
): Query {
  const calls = steps.map((step) => ({ name: step.function.name, text: callText(step, ids) }));
  const last = steps.at(-1) ?? steps[0];
  const leaf = leafCall(catalog, last.function, options);
  if (leaf !== undefined) calls.push(leaf);
  const text = calls.reduceRight((inner, call) => ` { ${call.text}${inner} }`, "").trim();
  return {
    text,
    path: calls.map((call) => call.name),
    returns: last.function.returns,
    exported: leaf?.name === "export",
  };
}

function callText(step: Step, ids: ReadonlyMap<string, string>): string {
  const given = step.given.map(({ name, value }) => `${name}: ${valueText(value, ids)}`);
  return given.length === 0 ? step.function.name : `${step.function.name}(${given.join(", ")})`;
}

function valueText(value: Value, ids: ReadonlyMap<string, string>): string {
  switch (value.kind) {
    case "literal":
      return JSON.stringify(value.value);
    case "enum":
      return value.name;
    case "address":
      return JSON.stringify(ids.get(addressKey(value)) ?? "");
    case "list":
      return `[${value.values.map((item) => valueText(item, ids)).join(", ")}]`;
  }
}

/** A chain that ends in an object is exported to `--output`, or evaluated where it can be. */
function leafCall(
  catalog: Catalog,
  called: FunctionType,
  options: Options,
): { name: string; text: string } | undefined {
  const object = nextObject(catalog, called.returns);
  if (object === undefined) return undefined;
  const isList = called.returns.kind === "list";
  const names = new Set(object.functions.map((candidate) => candidate.name));
  if (options.output !== undefined && names.has("export") && !isList) {
    const parent = object.name === "File" ? ", allowParentDirPath: true" : "";
    return { name: "export", text: `export(path: ${JSON.stringify(options.output)}${parent})` };
  }
  const leaf = names.has("sync") && !isList ? "sync" : "id";
  return { name: leaf, text: leaf };
}
