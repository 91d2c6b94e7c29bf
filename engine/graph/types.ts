/** What the graph of calls is made of, and what a resolver sees of it. */
import type { Argument, Call, ExtraDigest } from "../../src/recipe/index.js";
import type { EngineServices } from "../services.js";
import type { WorkFacts } from "../telemetry/recorder.js";

/** A value of the API by the call that makes it. Nothing has run for it yet. */
export type Node = {
  /** Name of the GraphQL object type. */
  readonly type: string;
  readonly call: Call;
  readonly receiver: Node | undefined;
  /** Arguments as resolvers take them, defaults filled in; ids are Nodes. */
  readonly args: Readonly<Record<string, ArgumentValue>>;
};

export type ArgumentValue =
  | string
  | number
  | boolean
  | null
  | Node
  | readonly ArgumentValue[]
  | { readonly [name: string]: ArgumentValue };

/** A value of the API in the hands of a resolver. */
export type ObjectRef = {
  readonly type: string;
  readonly node: Node;
  /** The recipe, encoded. */
  id(): Promise<string>;
  /** Evaluates it. */
  value(): Promise<unknown>;
};

/** Who asks. A function's client has a working directory, and nothing else of the machine. */
export type Client = {
  readonly main: boolean;
  readonly workdir: string;
  /** What the client's maker gave for resolvers to find. */
  readonly data: unknown;
};

export type ResolverContext = {
  readonly client: Client;
  readonly services: EngineServices;
  /** Reads an id. Nothing runs. */
  load(id: string): Promise<ObjectRef>;
  /** Makes a value of the core. Nothing runs. */
  ref(type: string, field: string, args?: Record<string, unknown>, receiver?: ObjectRef): ObjectRef;
  /** Selects a field as a query would: what is eager runs, and its recipe says what it found. */
  select(
    type: string,
    field: string,
    args?: Record<string, unknown>,
    receiver?: ObjectRef,
  ): Promise<ObjectRef>;
  /** Gives errors of work that runs later the path of the call that asked for it. */
  located<T>(work: () => Promise<T>): Promise<T>;
  /** Does work that the call left for later; the session's telemetry tells when, and what `factsOf` says of it. */
  recorded<T>(work: () => Promise<T>, factsOf?: (result: T) => WorkFacts): Promise<T>;
};

export type FieldCall = {
  readonly receiver: unknown;
  readonly args: Readonly<Record<string, unknown>>;
  readonly context: ResolverContext;
};

export type Resolve = (call: FieldCall) => unknown;

export type Resolver =
  | Resolve
  | {
      /** Run when the field is selected, not when something below it is asked. */
      readonly eager: true;
      /** Within a session, run once for the same receiver and arguments. */
      readonly once?: boolean;
      readonly resolve: Resolve;
    };

export type Resolvers = Readonly<Record<string, Resolver>>;

/** What an eager resolver may return to put more than its arguments into the recipe. */
export type Outcome = {
  readonly outcome: true;
  readonly value: unknown;
  /** Written into the recipe in place of the arguments given. */
  readonly args?: Readonly<Record<string, string>>;
  readonly extraDigests?: readonly ExtraDigest[];
  readonly implicitInputs?: readonly Argument[];
};

function isOutcome(value: unknown): value is Outcome {
  return typeof value === "object" && value !== null && "outcome" in value && value.outcome === true;
}

/** What a resolver returned, with what it puts into the recipe, where it does. */
export function outcomeOf(returned: unknown): Partial<Outcome> & Pick<Outcome, "value"> {
  return isOutcome(returned) ? returned : { value: returned };
}

export function isObjectRef(value: unknown): value is ObjectRef {
  return typeof value === "object" && value !== null && "node" in value && "id" in value && "value" in value;
}
