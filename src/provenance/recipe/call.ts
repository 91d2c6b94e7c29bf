/** Reading of recipes (src/recipe): arguments by name, types by name, the order in which calls build on each other. */
import type { Call, Literal, Recipe } from "../../recipe/index.js";

/** Name of the result's type, without list and null marks. */
export function typeName(call: Call): string {
  let type = call.type;
  while ("elem" in type) type = type.elem;
  return type.named;
}

/** The text of a literal; undefined for other kinds. */
export function textOfLiteral(literal: Literal | undefined): string | undefined {
  return literal?.kind === "string" || literal?.kind === "digestedString" || literal?.kind === "enum"
    ? literal.value
    : undefined;
}

/**
 * The digest labelled `content`: of the content of the result, in a form that is the engine's. That of a secret is
 * not told: whoever has it can try passwords against it.
 */
export function contentOf(call: Call): string | undefined {
  if (typeName(call) === "Secret") return undefined;
  return call.extraDigests.find(({ label }) => label === "content")?.digest;
}

/** The text of an argument, or undefined when it is missing or no text. */
export function textArgument(call: Call, name: string): string | undefined {
  return textOfLiteral(argument(call, name));
}

/** The digest of the call that an argument refers to. */
export function callArgument(call: Call, name: string): string | undefined {
  const value = argument(call, name);
  return value?.kind === "call" ? value.digest : undefined;
}

/** The argument's value. */
export function argument(call: Call, name: string): Literal | undefined {
  return call.args.find((candidate) => candidate.name === name)?.value;
}

/** Whether an argument that is true or false is given, and true. */
export function isSet(call: Call, name: string): boolean {
  const flag = argument(call, name);
  return flag?.kind === "bool" && flag.value;
}

/** Digests of the calls that a call builds on: receiver first, then arguments in order. */
export function inputsOf(call: Call): string[] {
  const inputs = call.receiver === undefined ? [] : [call.receiver];
  for (const { value } of call.args) collectReferences(value, inputs);
  // Of its own size, since steps keep it: one that was added to has room for 16 more.
  return inputs.slice();
}

function collectReferences(literal: Literal, into: string[]): void {
  if (literal.kind === "call") into.push(literal.digest);
  else if (literal.kind === "list") for (const item of literal.values) collectReferences(item, into);
  else if (literal.kind === "object") for (const { value } of literal.values) collectReferences(value, into);
}

/**
 * The call that holds the value: the root, or what the root only carries (`LLM.withTools(object)` of
 * `portableID`, `load...FromID(id)`, `node(id)`).
 */
export function valueOf(graph: Recipe): string {
  let digest = graph.root;
  for (let hops = 0; hops < 8; hops++) {
    const call = graph.calls.get(digest);
    const next = call === undefined ? undefined : carried(call);
    if (next === undefined) return digest;
    digest = next;
  }
  return digest;
}

function carried(call: Call): string | undefined {
  if (typeName(call) === "LLM" && call.field === "withTools") return callArgument(call, "object");
  if (call.receiver === undefined && (call.field === "node" || /^load\w+FromID$/.test(call.field)))
    return callArgument(call, "id");
  return undefined;
}

/** What a walk found: calls with inputs before the calls that use them, and digests that the graph lacks. */
export type Walk = { readonly order: readonly Call[]; readonly missing: readonly string[] };

/**
 * Every call that the given ones depend on, themselves included. Iterative: chains are thousands of calls long.
 * @param also further calls that some depend on, which their arguments do not tell
 */
export function walk(
  graph: Recipe,
  from: readonly string[],
  also: ReadonlyMap<string, readonly string[]> = new Map(),
): Walk {
  const order: Call[] = [];
  const missing: string[] = [];
  const seen = new Set<string>();
  // A digest is entered; a call is left, after all that it builds on.
  const stack: (string | Call)[] = [...from].reverse();
  for (let next = stack.pop(); next !== undefined; next = stack.pop()) {
    if (typeof next !== "string") {
      order.push(next);
      continue;
    }
    if (seen.size === seen.add(next).size) continue;
    const call = graph.calls.get(next);
    if (call === undefined) {
      missing.push(next);
      continue;
    }
    stack.push(call);
    const more = also.get(next);
    const inputs = more === undefined ? inputsOf(call) : [...inputsOf(call), ...more];
    for (const input of inputs.reverse()) stack.push(input);
  }
  return { order, missing };
}

/** What the walk from a recipe's value finds. Made once per recipe, since each source of evidence asks for it. */
export function valueWalk(recipe: Recipe): Walk {
  const made = valueWalks.get(recipe) ?? walk(recipe, [valueOf(recipe)]);
  valueWalks.set(recipe, made);
  return made;
}

const valueWalks = new WeakMap<Recipe, Walk>();

/** The value's own chain: field names, first to last, as the skeleton names them. */
export type ReceiverChain = {
  readonly fields: string[];
  /** Digest of the receiver that it starts on, where the graph lacks that one. */
  readonly startsOn?: string;
};

/** The calls that led to `from`, each the receiver of the next. */
export function receiverChain(graph: Recipe, from: string): ReceiverChain {
  const fields: string[] = [];
  let at: string | undefined = from;
  // No chain has more calls than there are, unless it bites its tail.
  for (let call = graph.calls.get(from); call !== undefined && fields.length < graph.calls.size;) {
    fields.push(call.field);
    at = call.receiver;
    call = at === undefined ? undefined : graph.calls.get(at);
  }
  fields.reverse();
  return at === undefined || graph.calls.has(at) ? { fields } : { fields, startsOn: at };
}

/** The call that made the repository which a git ref or commit was taken of: `git` with its URL, or another. */
export function repositoryOf(graph: Recipe, from: Call): Call | undefined {
  const seen = new Set<string>();
  let call: Call | undefined = from;
  while (call !== undefined && typeName(call) !== "GitRepository") {
    if (call.receiver === undefined || seen.size === seen.add(call.digest).size) return undefined;
    call = graph.calls.get(call.receiver);
  }
  return call;
}
