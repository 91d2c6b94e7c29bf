/**
 * The two ends that a build's trace and a value at hand meet at: the trace writes a value to a path of the host or
 * pushes it to an address, and the recipe of the value at hand begins there.
 */
import { posix } from "node:path";

import type { Call, Recipe } from "../../recipe/index.js";
import { parseImageReference } from "../../subjects/reference.js";
import { hostLocator, imageLocator, isHostPath } from "../locators.js";
import { textArgument, typeName, valueOf } from "../recipe/call.js";
import type { Span } from "../telemetry/span.js";

/** A place outside of the engine. */
export type Place = { readonly kind: "path" | "image"; readonly name: string };

/** A value that was written, by the digest of its call, and where to, without credentials. */
export type Written = { readonly value: string; readonly place: string };

/** Where the whole of a recipe's value was read from; undefined for what a pipeline did something to. */
export function readFrom(recipe: Recipe): Place | undefined {
  const below: string[] = [];
  const caller = ({ receiver }: Call) => (receiver === undefined ? undefined : recipe.calls.get(receiver));
  let call = recipe.calls.get(valueOf(recipe));
  for (; call !== undefined; call = caller(call)) {
    const receiver = caller(call);
    const isSelection = call.field === "directory" || call.field === "file";
    switch (receiver === undefined ? "" : typeName(receiver)) {
      case "Container":
        return call.field === "from" ? placeOf("image", textArgument(call, "address")) : undefined;
      case "Host":
        return isSelection ? placeOf("path", textArgument(call, "path"), below) : undefined;
      case "Directory":
        if (!isSelection) return undefined;
        below.unshift(textArgument(call, "path") ?? "");
        break;
      default:
        return undefined;
    }
  }
  return undefined;
}

/** The last value that spans tell to have been written there, or to a directory that it lies in. */
export function writtenTo(spans: readonly Span[], place: Place): Written | undefined {
  const made = spans.flatMap((span) => (isWrite(span) && !span.failed ? [span.call] : []));
  const call = made.findLast((one) => {
    const written =
      one.field === "publish"
        ? placeOf("image", textArgument(one, "address"))
        : placeOf("path", textArgument(one, "path"));
    return written !== undefined && isWithin(place, written);
  });
  if (call?.receiver === undefined) return undefined;
  const { uri } = place.kind === "image" ? imageLocator(place.name) : hostLocator(place.name);
  return { value: call.receiver, place: uri };
}

function isWrite(span: Span): span is Span & { readonly call: Call } {
  const { call } = span;
  return typeof call === "object" && call.module === undefined && /^(?:export|publish)$/.test(call.field);
}

function placeOf(
  kind: Place["kind"],
  name: string | undefined,
  below: readonly string[] = [],
): Place | undefined {
  if (name === undefined || name === "") return undefined;
  if (kind === "image") return { kind, name };
  if (!isHostPath(name)) return undefined;
  return { kind, name: posix.join(name, ...below).replace(/(?<=.)\/$/, "") };
}

function isWithin(place: Place, written: Place): boolean {
  if (place.kind !== written.kind) return false;
  return place.kind === "image" ? isImage(place.name, written.name) : isPath(place.name, written.name);
}

/** An image that is named by its digest alone may be whatever was pushed to that repository. */
function isImage(name: string, pushed: string): boolean {
  try {
    const [at, to] = [parseImageReference(name), parseImageReference(pushed)];
    const isOfAnyTag = at.tag === undefined && at.digest !== undefined;
    return at.name === to.name && (isOfAnyTag || (at.tag ?? "latest") === (to.tag ?? "latest"));
  } catch {
    return false;
  }
}

/** The commands may have run in different directories: of a whole path and a relative one the ends have to be the same. */
function isPath(path: string, written: string): boolean {
  if (posix.isAbsolute(path) === posix.isAbsolute(written))
    return path === written || path.startsWith(`${written}/`) || (written === "." && !path.startsWith(".."));
  const [whole, relative] = posix.isAbsolute(path) ? [path, written] : [written, path];
  return !relative.startsWith(".") && whole.endsWith(`/${relative}`);
}
