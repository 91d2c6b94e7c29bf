/** What the pipeline asked for, beside what the engine resolved: tags of images, commits of git refs. */
import type { Evidence } from "../evidence.js";
import type { EvidenceSource } from "../evidence/found.js";
import type { Material } from "../evidence/material.js";
import { imageLocator, isCommit } from "../locators.js";
import type { Call, Recipe } from "../../recipe/index.js";
import { inputsOf, textArgument, typeName } from "../recipe/call.js";
import type { LeafFacts, ResolveLeaf } from "../recipe/resolve.js";
import { type CallSpan, outputOf } from "./calls.js";
import type { Span } from "./span.js";

/**
 * Images under the names that the pipeline used. A `from` by tag returns the `from` by digest, or an
 * equal one that another name led to: then the recipe's name is not what this pipeline asked for.
 */
export function nameImages(
  evidence: Evidence,
  asking: readonly CallSpan[],
  known: Recipe["calls"],
): Evidence {
  const asked = new Map<string, Set<string>>();
  for (const span of asking) {
    const { call } = span;
    const output = outputOf(span);
    const address = call.field === "from" ? textArgument(call, "address") : undefined;
    if (address === undefined || address.includes("@") || output === undefined) continue;
    asked.set(output, (asked.get(output) ?? new Set()).add(address));
  }
  if (asked.size === 0) return evidence;
  const uses = new Map<string, number>();
  for (const { digest } of evidence.steps) countUse(known.get(digest), asked, uses);
  for (const { calls } of evidence.confirmed ?? [])
    for (const digest of calls) countUse(known.get(digest), asked, uses);
  return { ...evidence, materials: evidence.materials.flatMap((one) => underAskedNames(one, asked, uses)) };
}

/** Counts what is built on an image; to pick a file or a directory of it builds nothing. */
function countUse(
  call: Call | undefined,
  images: { readonly has: (digest: string) => boolean },
  uses: Map<string, number>,
): void {
  const [image] = call === undefined ? [] : inputsOf(call);
  if (call === undefined || image === undefined || !images.has(image)) return;
  const isPick = call.module === undefined && ["File", "Directory"].includes(typeName(call));
  if (!isPick) uses.set(image, (uses.get(image) ?? 0) + 1);
}

/**
 * The engine reports a call once per session, so a name that the SDK asked for before does not show
 * again: where more chains start at the image than names were seen, the recipe's own name stays too.
 */
function underAskedNames(
  material: Material,
  asked: ReadonlyMap<string, ReadonlySet<string>>,
  uses: ReadonlyMap<string, number>,
): Material[] {
  const step = material.steps[0] ?? "";
  const addresses = [...(asked.get(step) ?? [])];
  if (material.kind !== "image" || addresses.length === 0) return [material];
  const named = addresses.map((address) => {
    const { uri, requested } = imageLocator(address, material.platform);
    return { ...material, uri, ...(requested === undefined ? {} : { requested }) };
  });
  const isNamed = named.some(({ uri }) => uri === material.uri);
  return isNamed || (uses.get(step) ?? 0) <= named.length ? named : [...named, material];
}

/**
 * Commits that the engine's own git commands name, by recipe digest of the GitRef: it fetches a commit
 * under the span of `GitRef.tree`, or of `GitCommit.tree` of its `targetCommit`, and points the ref at it.
 */
export function observedCommits(calls: readonly CallSpan[], spans: readonly Span[]): Map<string, LeafFacts> {
  const refOf = new Map(
    calls.filter(({ call }) => call.field === "targetCommit").map(({ call }) => [call.digest, call.receiver]),
  );
  const treeOf = new Map(
    calls
      .filter(({ call }) => call.field === "tree")
      .map(({ spanId, call: { receiver = "" } }) => [spanId, refOf.get(receiver) ?? receiver]),
  );
  const facts = new Map<string, LeafFacts>();
  for (const span of spans) {
    const gitRef = span.scope === "dagger.io/gitutil" ? treeOf.get(span.parentSpanId) : undefined;
    if (!gitRef || span.failed) continue;
    const fetched = /^git fetch .* origin ([0-9a-f]+)$/.exec(span.name)?.[1];
    const updated = /^git update-ref (refs\/(?:heads|tags)\/\S+) ([0-9a-f]+)$/.exec(span.name);
    const commit = fetched ?? updated?.[2];
    if (commit === undefined || !isCommit(commit)) continue;
    const ref = updated?.[1] ?? facts.get(gitRef)?.ref;
    facts.set(gitRef, { digests: { gitCommit: commit }, ...(ref === undefined ? {} : { ref }) });
  }
  return facts;
}

/** Answers from `asker` first, then from commits that the spans name; of a run that is over, the other way round. */
export function resolveFrom(
  source: EvidenceSource,
  commits: ReadonlyMap<string, LeafFacts>,
  asker: ResolveLeaf | undefined,
  asMade: ReadonlyMap<string, string>,
): ResolveLeaf {
  return async (question) => {
    const call = asMade.get(question.call) ?? question.call;
    const seen = commits.get(question.call);
    if (seen !== undefined && source === "host-trace") return seen;
    const answer = await asker?.({ ...question, call }).catch(() => undefined);
    return answer ?? seen;
  };
}
