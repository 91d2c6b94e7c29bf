/**
 * What the SDK's scan of a module found, kept as JSON: instances of the SDK's classes with their names, without
 * the compiler's objects behind them. A scan takes seconds of every call; what it finds changes with the source only.
 */

/** Name of the global symbol under which a function's process keeps what the SDK asks in the scanner's place. */
export const replayName = "attest.replayScan";

type Classes = Readonly<Record<string, unknown>>;

const classKey = "$class";
/** Fields that hold the compiler's objects; nothing reads them once the scan is done. */
const compilerFields: ReadonlySet<string> = new Set([
  "node",
  "__node",
  "ast",
  "symbol",
  "signature",
  "userModule",
]);

export function recordScan(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(recordScan);
  if (typeof value !== "object" || value === null) return value;
  const className = nameOfClass(value);
  const fields = Object.entries(value)
    // A plain object's names are the module's own: an argument may be called `signature`.
    .filter(([name]) => className === undefined || !compilerFields.has(name))
    .map(([name, field]) => [name, recordScan(field)]);
  return Object.fromEntries([...(className === undefined ? [] : [[classKey, className]]), ...fields]);
}

function nameOfClass(value: object): string | undefined {
  const prototype = Object.getPrototypeOf(value) as { constructor?: { name?: string } } | null;
  const name = prototype?.constructor?.name;
  return name === "Object" ? undefined : name;
}

/** The same values again, as instances of those of `classes` that have their classes' names. */
export function replayScan(recorded: unknown, classes: Classes): unknown {
  if (Array.isArray(recorded)) return recorded.map((item: unknown) => replayScan(item, classes));
  if (typeof recorded !== "object" || recorded === null) return recorded;
  const { [classKey]: name, ...fields } = recorded as Record<string, unknown>;
  const made = typeof name === "string" ? classes[name] : undefined;
  const prototype: unknown = typeof made === "function" ? made.prototype : Object.prototype;
  const replayed = Object.entries(fields).map(([key, field]) => [key, replayScan(field, classes)] as const);
  return Object.assign(Object.create(prototype as object) as object, Object.fromEntries(replayed));
}
