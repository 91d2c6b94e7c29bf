/**
 * Where commands start: the working directory that the calls before a command set. That of a base image stands in
 * no call, so the engine is asked for it, once per image and only where a command depends on it.
 */
import { posix } from "node:path";

import { mapParallel } from "../../parallel.js";
import type { Call, Recipe } from "../../recipe/index.js";
import { isSet, textArgument, typeName } from "./call.js";
import { questionsAtOnce, type ResolveLeaf } from "./resolve.js";

/** A directory: `path`, below the one that the call `base` gives when it names one. */
type Place = { readonly path: string; readonly base?: string };

/** The working directory after a call, by its digest; undefined where the calls do not tell. */
export type Workdirs = (digest: string | undefined) => string | undefined;

/**
 * Working directories of the commands among the calls.
 * @param order calls with inputs before the calls that use them
 * @param resolve asks the engine about an image; without it what images set stays unknown
 */
export async function workdirsOf(
  order: readonly Call[],
  recipe: Recipe,
  resolve: ResolveLeaf | undefined,
): Promise<Workdirs> {
  const places = new Map<string, Place | undefined>();
  const bases = new Map<string, string | undefined>();
  for (const call of order) {
    if (typeName(call) !== "Container") continue;
    const before = call.receiver === undefined ? undefined : places.get(call.receiver);
    places.set(call.digest, placeAfter(call, before));
    if (call.field === "withExec" && before?.base !== undefined) bases.set(before.base, undefined);
  }
  await mapParallel([...bases.keys()], questionsAtOnce, async (base) => {
    bases.set(base, await imageWorkdir(recipe.calls.get(base), recipe, resolve));
  });
  return (digest) => {
    const place = digest === undefined ? undefined : places.get(digest);
    if (place?.base === undefined) return place?.path;
    const start = bases.get(place.base);
    return start === undefined ? undefined : below(start, place.path);
  };
}

function placeAfter(call: Call, before: Place | undefined): Place | undefined {
  if (call.module !== undefined) return undefined;
  const { field, receiver } = call;
  if (receiver === undefined) return field === "container" ? root : undefined;
  if (field === "from") return { path: "", base: call.digest };
  if (field === "withoutWorkdir") return root;
  if (field === "withWorkdir") return moved(call, before);
  return keepsWorkdir.test(field) ? before : undefined;
}

const root: Place = { path: "/" };

/** What changes a container in another way; `import` and `build` begin with an image that nobody here looks into. */
const keepsWorkdir = /^(?:__)?with|^(?:sync|terminal|experimental\w*)$/;

/** An engine puts variables in where the call says `expand`: the path is then not what the call says. */
function moved(call: Call, before: Place | undefined): Place | undefined {
  const path = textArgument(call, "path");
  if (path === undefined || (isSet(call, "expand") && path.includes("$"))) return undefined;
  if (path.startsWith("/")) return { path };
  return before === undefined ? undefined : { ...before, path: below(before.path, path) };
}

/** As the engine joins them: an absolute path stays as it is. An empty `start` is one that is not known yet. */
function below(start: string, path: string): string {
  if (path === "" || path.startsWith("/")) return path === "" ? start : path;
  const joined = posix.join(start, path);
  return joined.length > 1 && joined.endsWith("/") ? joined.slice(0, -1) : joined;
}

/** Of an image that is asked for after the run, only a name with a digest means the same image still. */
async function imageWorkdir(
  call: Call | undefined,
  recipe: Recipe,
  resolve: ResolveLeaf | undefined,
): Promise<string | undefined> {
  if (call === undefined || resolve === undefined) return undefined;
  const facts = await resolve({ kind: "image", call: call.digest, recipe }).catch(() => undefined);
  const isSame = facts?.source === undefined || textArgument(call, "address")?.includes("@") === true;
  return isSame ? facts?.workdir : undefined;
}
