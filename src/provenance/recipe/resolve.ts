/** Asks the engine for what a recipe does not say: the commit of a git ref, the digest of a download. */
import type { DigestSet } from "../../statement/types.js";
import type { Recipe } from "../../recipe/index.js";
import type { EvidenceSource, Gap, Material, MaterialKind } from "../evidence.js";
import { redactorFor } from "../redact.js";

/** A leaf to ask about. */
export type LeafQuestion = {
  readonly kind: MaterialKind;
  /** Digest of the call to load: a GitRef, File, Directory or Container. */
  readonly call: string;
  /** The recipe that holds it; `encodeRecipe(subRecipe(recipe, call))` is the id to load. */
  readonly recipe: Recipe;
};

/**
 * Answer about a leaf: its digests (`gitCommit` for git; `sha256` over the bytes for files and images),
 * the full name of the ref, the size in bytes. Undefined: the engine does not know.
 */
export type LeafFacts = {
  readonly digests: DigestSet;
  readonly ref?: string;
  readonly size?: number;
  /** Whose word it is, where it is not that of the source of the recipe. */
  readonly source?: EvidenceSource;
};

/** Port to the engine that the recipe came from. Loading a sub-recipe runs nothing that has run already. */
export type ResolveLeaf = (question: LeafQuestion) => Promise<LeafFacts | undefined>;

/** How many questions are open at the same time. */
const parallel = 8;

export type Resolved = { readonly materials: Material[]; readonly gaps: Gap[] };

/** The materials with the digests that `resolve` knows; those that stay without say why. */
export async function resolveMaterials(
  materials: readonly (Material & { readonly ask: string })[],
  recipe: Recipe,
  resolve: ResolveLeaf | undefined,
): Promise<Resolved> {
  const answered: Material[] = [];
  const queue = materials.entries();
  const work = async () => {
    for (const [index, { ask, ...material }] of queue) {
      answered[index] = hasDigest(material)
        ? material
        : await answer(material, { kind: material.kind, call: ask, recipe }, resolve);
    }
  };
  await Promise.all(Array.from({ length: parallel }, work));
  return { materials: answered, gaps: answered.flatMap(gapOf) };
}

async function answer(
  material: Material,
  question: LeafQuestion,
  resolve: ResolveLeaf | undefined,
): Promise<Material> {
  if (resolve === undefined) return { ...material, missing: "nobody to ask" };
  try {
    const facts = await resolve(question);
    if (facts === undefined || Object.keys(facts.digests).length === 0)
      return { ...material, missing: "the engine does not know it" };
    return withFacts(material, facts);
  } catch (error) {
    const message = error instanceof Error ? error.message : String(error);
    return { ...material, missing: `the engine refused: ${redactorFor([]).text(message).slice(0, 200)}` };
  }
}

function withFacts(material: Material, facts: LeafFacts): Material {
  const at = material.uri.lastIndexOf("@");
  const isGit = material.kind === "git" && facts.ref !== undefined && at > 0;
  return {
    ...material,
    ...(isGit ? { uri: `${material.uri.slice(0, at)}@${facts.ref}` } : {}),
    digests: facts.digests,
    ...(facts.source === undefined ? {} : { digestSource: facts.source }),
    ...(facts.size === undefined ? {} : { size: facts.size }),
  };
}

function hasDigest(material: Material): boolean {
  return Object.keys(material.digests).length > 0;
}

function gapOf(material: Material): Gap[] {
  if (hasDigest(material)) return [];
  return [
    {
      code: "digest-unknown",
      detail: `${material.kind} ${material.uri}: ${material.missing ?? "no digest"}`,
    },
  ];
}
