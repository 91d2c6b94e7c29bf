/** A build that was watched, held against its Dockerfile: which line asked for which step, and where the two disagree. */
import type { Call, Recipe } from "../../recipe/index.js";
import type { Contradiction } from "../evidence.js";
import type { EvidenceSource } from "../evidence/found.js";
import type { Material } from "../evidence/material.js";
import type { Step } from "../evidence/step.js";
import { gitLocator, httpLocator, imageLocator } from "../locators.js";
import { argument, inputsOf, textArgument, textOfLiteral, walk } from "../recipe/call.js";
import type { DockerfileReading } from "./reading.js";

/** Calls that the build made, and whether all of them are there. */
export type Inside = { readonly calls: readonly Call[]; readonly isWhole: boolean };

/**
 * The calls inside a build.
 * @param ends digests of the calls that its result leads to
 */
export function insideOf(build: Call, ends: readonly string[], recipe: Recipe): Inside {
  const given = walk(recipe, inputsOf(build));
  const isGiven = new Set([...given.order.map(({ digest }) => digest), ...given.missing]);
  const { order, missing } = walk(recipe, ends);
  return {
    calls: order.filter(({ digest }) => !isGiven.has(digest)),
    isWhole: missing.every((digest) => isGiven.has(digest)),
  };
}

/**
 * Instructions by the digest of the call that they asked for. A command is its instruction's when no other of the
 * build, and no other instruction, has the same words; an image the same by its name.
 */
export function locationsOf({ calls }: Inside, { asked }: DockerfileReading): [string, Location][] {
  const places = once(asked.map(({ key, location }) => [key, location]));
  const made = once(calls.map((call) => [keyOf(call), call]));
  return [...made].flatMap(([key, call]): [string, Location][] => {
    const location = places.get(key);
    return call === undefined || location === undefined ? [] : [[call.digest, location]];
  });
}

type Location = NonNullable<Step["location"]>;

/** Keys, and what they are of: undefined where they are of several. */
function once<T>(pairs: readonly (readonly [string | undefined, T])[]): Map<string, T | undefined> {
  const found = new Map<string, T | undefined>();
  for (const [key, value] of pairs) if (key !== undefined) found.set(key, found.has(key) ? undefined : value);
  return found;
}

function keyOf(call: Call): string | undefined {
  if (call.field === "from") return imageKey(textArgument(call, "address") ?? "");
  const args = call.field === "withExec" ? argument(call, "args") : undefined;
  return args?.kind === "list" ? commandKey(args.values.map((one) => textOfLiteral(one) ?? "")) : undefined;
}

/** What tells a command from others. */
export function commandKey(argv: readonly string[]): string {
  return `run ${JSON.stringify(argv)}`;
}

/** What tells an image from others: its name and tag; without a tag its digest. */
export function imageKey(address: string): string {
  const { uri, digests, requested } = imageLocator(address);
  return `from ${uri}${requested === undefined ? ` ${JSON.stringify(digests)}` : ""}`;
}

/** Materials of the file that the watched calls do not tell, by what the calls tell. */
export function untold({ materials, images }: DockerfileReading, { calls }: Inside): Material[] {
  const told = new Set(calls.map(keyOf));
  const known = new Set(images.filter(({ key }) => told.has(key)).map(({ material }) => material));
  const urls = new Set(calls.flatMap(urisOf));
  const isTold = ({ kind, uri }: Material): boolean =>
    kind !== "image" && (urls.has(uri) || urls.has(uri.slice(0, uri.lastIndexOf("@"))));
  return materials.filter((one, index) => !known.has(index) && !isTold(one));
}

/** What a call fetches, without the ref of a repository, which another call names. */
function urisOf(call: Call): string[] {
  const url = textArgument(call, "url");
  return url === undefined ? [] : [httpLocator(url).uri, gitLocator(url).uri];
}

/**
 * Images that only one of the two tells of, and digests in which they differ.
 * @param build digest of the build's call
 * @param source who watched
 */
export function disagreements(
  build: string,
  { calls, isWhole }: Inside,
  { images, materials, unknownLines }: DockerfileReading,
  source: EvidenceSource,
): Contradiction[] {
  const watched = new Map(
    calls
      .filter(({ field }) => field === "from")
      .map((call) => [keyOf(call), imageLocator(textArgument(call, "address") ?? "")]),
  );
  const named = new Map(
    images.flatMap(({ key, material }) => {
      const one = materials[material];
      return one === undefined ? [] : [[key, one] as const];
    }),
  );
  const found: Contradiction[] = [];
  const record = (item: string, field: string, kept: string, dropped: string): void =>
    void found.push({
      item,
      field,
      kept: { value: kept, source },
      dropped: { value: dropped, source: "dockerfile" },
    });
  for (const [key, { uri }] of watched)
    if (unknownLines.length === 0 && !named.has(key ?? "")) record(build, "image", uri, "no such image");
  for (const [key, { uri, digests, digestSource }] of named) {
    const other = watched.get(key);
    if (other === undefined && isWhole && watched.size > 0) record(build, "image", "no such image", uri);
    const [here = "", there = ""] = [other?.digests["sha256"], digests["sha256"]];
    if (here !== "" && there !== "" && here !== there && digestSource === undefined)
      record(uri, "digest.sha256", here, there);
  }
  return found;
}
