/**
 * One session's graph: the nodes that its clients made, and the values of those that were evaluated.
 * Evaluation is lazy, and happens once per call and session.
 */
import { type GraphQLField, type GraphQLSchema, getNamedType, isListType, isObjectType } from "graphql";
import { getNullableType } from "graphql";

import { type Call, type Recipe, decodeRecipe, encodeRecipe, subRecipe } from "../../src/recipe/index.js";
import type { EngineServices } from "../services.js";
import type { WorkFacts, Worked } from "../telemetry/recorder.js";
import { withDigest } from "./digest.js";
import { EngineError, callPath, locate } from "./error.js";
import { fromRecipeArguments, isNode, loadArguments, recipeArguments } from "./literals.js";
import {
  type ArgumentValue,
  type Client,
  type Node,
  type ObjectRef,
  type Outcome,
  type Resolver,
  type ResolverContext,
  type Resolvers,
  isObjectRef,
  outcomeOf,
} from "./types.js";

const view = "v0.21.8";

export type Session = {
  /** Takes on types and resolvers that were added. */
  update(schema: GraphQLSchema, resolvers: Resolvers): void;
  /** Selects a field that returns objects: a node, nodes, or null. */
  select(
    client: Client,
    receiver: Node | undefined,
    field: GraphQLField<unknown, unknown>,
    args: Readonly<Record<string, unknown>>,
  ): Promise<Node | null | Node[]>;
  /** Evaluates a field that returns scalars. */
  scalar(
    client: Client,
    receiver: Node | undefined,
    field: GraphQLField<unknown, unknown>,
    args: Readonly<Record<string, unknown>>,
  ): Promise<unknown>;
  load(client: Client, id: string): Promise<Node>;
  id(node: Node): Promise<string>;
  value(client: Client, node: Node): Promise<unknown>;
};

export function newSession(services: EngineServices): Session {
  let schema: GraphQLSchema;
  let resolvers: Resolvers = {};
  const nodes = new Map<string, Node>();
  const values = new Map<string, Promise<unknown>>();
  const selections = new Map<string, Promise<Node | null | Node[]>>();

  const fieldOf = (typeName: string, fieldName: string): GraphQLField<unknown, unknown> => {
    const type = schema.getType(typeName);
    const field = isObjectType(type) ? type.getFields()[fieldName] : undefined;
    if (field === undefined)
      throw new EngineError(`${typeName}.${fieldName} is not in the local engine; run with Dagger`);
    return field;
  };

  const resolverOf = (receiver: Node | undefined, field: string): Resolver => {
    const name = `${receiver?.type ?? "Query"}.${field}`;
    const resolver = resolvers[name];
    if (resolver === undefined) throw new EngineError(`${name} is not in the local engine; run with Dagger`);
    return resolver;
  };

  const refOf = (client: Client, node: Node): ObjectRef => ({
    type: node.type,
    node,
    id: () => id(node),
    value: () => value(client, node),
  });

  const callOf = (
    typeName: string,
    fieldName: string,
    args: Readonly<Record<string, unknown>>,
    receiver: ObjectRef | undefined,
  ): { field: GraphQLField<unknown, unknown>; loaded: Record<string, ArgumentValue> } => {
    const field = fieldOf(receiver?.type ?? "Query", fieldName);
    if (getNamedType(field.type).name !== typeName)
      throw new Error(`${fieldName} does not return ${typeName}`);
    const loaded: Record<string, ArgumentValue> = {};
    for (const definition of field.args) {
      const given = args[definition.name] ?? definition.defaultValue;
      if (given !== undefined) loaded[definition.name] = plainArgument(given);
    }
    return { field, loaded };
  };

  const workOf = (node: Node, facts: WorkFacts = {}): Worked => ({
    name: `${node.receiver?.type ?? "Query"}.${node.call.field}`,
    call: node.call,
    facts,
  });

  const contextOf = (client: Client, path: readonly string[], node: Node | undefined): ResolverContext => ({
    client,
    services,
    load: async (encoded) => refOf(client, await load(client, encoded)),
    ref: (typeName, fieldName, args = {}, receiver) => {
      const { field, loaded } = callOf(typeName, fieldName, args, receiver);
      return refOf(client, keep(nodeFor(receiver?.node, field, loaded, {})));
    },
    select: async (typeName, fieldName, args = {}, receiver) => {
      const { field, loaded } = callOf(typeName, fieldName, args, receiver);
      const selected = await selectLoaded(client, receiver?.node, field, loaded);
      if (selected === null || Array.isArray(selected)) throw new Error(`${fieldName} returns no object`);
      return refOf(client, selected);
    },
    located: async (work) => {
      try {
        return await work();
      } catch (error) {
        throw locate(error, path);
      }
    },
    recorded: (work, factsOf) =>
      node === undefined
        ? work()
        : services.recorder.during(work, (result) =>
            workOf(node, result === undefined ? {} : factsOf?.(result)),
          ),
  });

  const resolve = async (
    client: Client,
    receiver: Node | undefined,
    field: string,
    args: Readonly<Record<string, ArgumentValue>>,
    node?: Node,
  ): Promise<unknown> => {
    const resolver = resolverOf(receiver, field);
    const run = typeof resolver === "function" ? resolver : resolver.resolve;
    const path = [...callPath(receiver), field];
    try {
      return await run({
        receiver: receiver === undefined ? undefined : await value(client, receiver),
        args: Object.fromEntries(
          Object.entries(args).map(([name, given]) => [
            name,
            resolverArgument(given, (n) => refOf(client, n)),
          ]),
        ),
        context: contextOf(client, path, node),
      });
    } catch (error) {
      throw locate(error, path);
    }
  };

  const keep = (node: Node): Node => {
    const known = nodes.get(node.call.digest);
    if (known !== undefined) return known;
    nodes.set(node.call.digest, node);
    return node;
  };

  const remember = (client: Client, node: Node, result: unknown): void => {
    const settled = isObjectRef(result) ? value(client, result.node) : Promise.resolve(result);
    settled.catch(() => undefined);
    values.set(node.call.digest, settled);
  };

  const value = (client: Client, node: Node): Promise<unknown> => {
    const known = values.get(node.call.digest);
    if (known !== undefined) return known;
    const evaluated = evaluate(client, node);
    values.set(node.call.digest, evaluated);
    // A failure is not kept: what it depended on (a registry, a file) may be there next time.
    evaluated.catch(() => values.delete(node.call.digest));
    return evaluated;
  };

  const evaluate = async (client: Client, node: Node): Promise<unknown> => {
    const raw = await services.recorder.during(
      () => resolve(client, node.receiver, node.call.field, node.args, node),
      // A container is described here; who asks for what is in it starts the work.
      (result) => (node.type === "Container" || result === undefined ? undefined : workOf(node)),
    );
    let result = outcomeOf(raw).value;
    if (node.call.nth !== undefined && Array.isArray(result)) result = result[node.call.nth - 1];
    return isObjectRef(result) ? result.value() : result;
  };

  const selectEagerly = async (
    client: Client,
    receiver: Node | undefined,
    field: GraphQLField<unknown, unknown>,
    args: Readonly<Record<string, ArgumentValue>>,
  ): Promise<Node | null | Node[]> => {
    const { node } = await services.recorder.during(
      async () => settled(client, receiver, field, args, await resolve(client, receiver, field.name, args)),
      (done) => (done?.made === undefined ? undefined : workOf(done.made)),
    );
    return node;
  };

  /** What a field gave, as nodes; `made` where that is one node, made by the field and not there before. */
  const settled = (
    client: Client,
    receiver: Node | undefined,
    field: GraphQLField<unknown, unknown>,
    args: Readonly<Record<string, ArgumentValue>>,
    raw: unknown,
  ): { readonly node: Node | null | Node[]; readonly made?: Node } => {
    const outcome = outcomeOf(raw);
    const result = outcome.value;
    if (result === null || result === undefined) return { node: null };
    const settle = (item: unknown, nth?: number): Node => {
      if (isObjectRef(item)) return item.node;
      const made = keep(nodeFor(receiver, field, args, outcome, nth));
      remember(client, made, item);
      return made;
    };
    if (isListType(getNullableType(field.type))) {
      if (!Array.isArray(result)) throw new Error(`${field.name} returns a list`);
      return { node: result.map((item, index) => settle(item, index + 1)) };
    }
    const node = settle(result);
    return isObjectRef(result) ? { node } : { node, made: node };
  };

  const select: Session["select"] = async (client, receiver, field, given) =>
    selectLoaded(
      client,
      receiver,
      field,
      await loadArguments(field.args, given, (encoded) => load(client, encoded)),
    );

  const selectLoaded = async (
    client: Client,
    receiver: Node | undefined,
    field: GraphQLField<unknown, unknown>,
    args: Readonly<Record<string, ArgumentValue>>,
  ): Promise<Node | null | Node[]> => {
    const resolver = resolverOf(receiver, field.name);
    const needsValue = isListType(getNullableType(field.type)) || getNullableType(field.type) === field.type;
    const eager = typeof resolver !== "function";
    if (!eager && !needsValue) return keep(nodeFor(receiver, field, args, {}));
    if (!eager || resolver.once !== true) return selectEagerly(client, receiver, field, args);
    const key = `${client.main ? "main" : "function"} ${nodeFor(receiver, field, args, {}).call.digest}`;
    const known = selections.get(key);
    if (known !== undefined) return known;
    const selected = selectEagerly(client, receiver, field, args);
    selections.set(key, selected);
    selected.catch(() => selections.delete(key));
    return selected;
  };

  const load = async (client: Client, encoded: string): Promise<Node> => {
    let decoded;
    try {
      decoded = await decodeRecipe(encoded);
    } catch (error) {
      throw new EngineError("an id that the local engine did not make", {}, error);
    }
    if (decoded.kind === "handle") throw new EngineError("an id of another engine: a handle, not a recipe");
    return loadRecipe(client, decoded);
  };

  const loadRecipe = (client: Client, recipe: Recipe): Node => {
    const known = nodes.get(recipe.root);
    if (known !== undefined) return known;
    const loaded = new Map<string, Node>();
    const loading = new Set<string>();
    const nodeOf = (digest: string): Node => {
      const done = loaded.get(digest) ?? nodes.get(digest);
      if (done !== undefined) return done;
      const call = recipe.calls.get(digest);
      if (call === undefined || loading.has(digest)) throw new EngineError(`the id lacks the call ${digest}`);
      loading.add(digest);
      const node = rebuild(client, call, nodeOf);
      loaded.set(digest, node);
      return node;
    };
    return nodeOf(recipe.root);
  };

  const rebuild = (client: Client, call: Call, nodeOf: (digest: string) => Node): Node => {
    const receiver = call.receiver === undefined ? undefined : nodeOf(call.receiver);
    const field = fieldOf(receiver?.type ?? "Query", call.field);
    const args = fromRecipeArguments(field.args, call.args, nodeOf);
    const { extraDigests, implicitInputs } = call;
    const node = nodeFor(receiver, field, args, { extraDigests, implicitInputs }, call.nth);
    const reachesOut = node.receiver?.type === "Host" || node.type === "Secret";
    if (reachesOut && !client.main && !nodes.has(node.call.digest)) {
      throw new EngineError(`${callPath(node).join(".")}: a function can't read the host`);
    }
    return keep(node);
  };

  const id = (node: Node): Promise<string> => {
    const calls = new Map<string, Call>();
    const visit = (at: Node): void => {
      if (calls.has(at.call.digest)) return;
      calls.set(at.call.digest, at.call);
      if (at.receiver !== undefined) visit(at.receiver);
      for (const input of Object.values(at.args)) nodesIn(input).forEach(visit);
    };
    visit(node);
    return encodeRecipe(subRecipe({ root: node.call.digest, calls }, node.call.digest));
  };

  return {
    update: (newSchema, newResolvers) => {
      schema = newSchema;
      resolvers = newResolvers;
    },
    select,
    scalar: async (client, receiver, field, given) => {
      const args = await loadArguments(field.args, given, (encoded) => load(client, encoded));
      return resolve(client, receiver, field.name, args);
    },
    load,
    id,
    value,
  };
}

function nodeFor(
  receiver: Node | undefined,
  field: GraphQLField<unknown, unknown>,
  args: Readonly<Record<string, ArgumentValue>>,
  outcome: Partial<Outcome>,
  nth?: number,
): Node {
  const type = getNamedType(field.type).name;
  const recorded = { ...args, ...outcome.args };
  const call = withDigest({
    ...(receiver === undefined ? {} : { receiver: receiver.call.digest }),
    type: { named: type, nonNull: true },
    field: field.name,
    args: recipeArguments(field.args, recorded),
    ...(nth === undefined ? {} : { nth }),
    view,
    effectIds: [],
    extraDigests: outcome.extraDigests ?? [],
    implicitInputs: outcome.implicitInputs ?? [],
  });
  return { type, call, receiver, args: recorded };
}

function nodesIn(value: ArgumentValue): Node[] {
  if (isNode(value)) return [value];
  if (typeof value !== "object" || value === null) return [];
  return Object.values(value).flatMap(nodesIn);
}

function resolverArgument(value: ArgumentValue, refOf: (node: Node) => ObjectRef): unknown {
  if (isNode(value)) return refOf(value);
  if (Array.isArray(value)) return value.map((item: ArgumentValue) => resolverArgument(item, refOf));
  return value;
}

function plainArgument(value: unknown): ArgumentValue {
  if (isObjectRef(value)) return value.node;
  if (Array.isArray(value)) return value.map(plainArgument);
  return value as ArgumentValue;
}
