/** Asks the engine for what a recipe does not say: the commit of a git ref, the digest of a download. */
import type { DigestSet } from "../../statement/types.js";
import type { Recipe } from "../../recipe/index.js";
import type { Gap } from "../evidence.js";
import type { EvidenceSource } from "../evidence/found.js";
import type { GitState, Material, MaterialKind } from "../evidence/material.js";
import { mapParallel } from "../../parallel.js";
import { shownReason } from "../redact.js";
import { contentDigestName } from "./leaves.js";

/** A leaf to ask about. */
export type LeafQuestion = {
  readonly kind: MaterialKind;
  /** Digest of the call to load: a GitRef, File, Directory or Container. */
  readonly call: string;
  /** The recipe that holds it; `encodeRecipe(subRecipe(recipe, call))` is the id to load. */
  readonly recipe: Recipe;
  /** The engine's digest of the content, 64 hex characters, where only digests that others can compute are asked for. */
  readonly content?: string;
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
  /** Where a directory of the host stands in git. */
  readonly git?: GitState;
  /** Why content that was used could not be read again. */
  readonly unread?: string;
  /** Working directory that an image sets; `/` where it sets none. */
  readonly workdir?: string;
};

/** Port to the engine that the recipe came from. Loading a sub-recipe runs nothing that has run already. */
export type ResolveLeaf = (question: LeafQuestion) => Promise<LeafFacts | undefined>;

/** How many questions to the engine are open at the same time. */
export const questionsAtOnce = 8;

export type Resolved = { readonly materials: Material[]; readonly gaps: Gap[] };

/**
 * The materials with the digests that `resolve` knows; those that stay without say why. Who is asked for a material's
 * digest is the call that brought it in.
 */
export async function resolveMaterials(
  materials: readonly Material[],
  recipe: Recipe,
  resolve: ResolveLeaf | undefined,
): Promise<Resolved> {
  const answered = await mapParallel(materials, questionsAtOnce, (material) => {
    const question = { kind: material.kind, call: material.steps[0] ?? "", recipe };
    return hasDigest(material) ? describe(material, question, resolve) : answer(material, question, resolve);
  });
  return { materials: answered, gaps: answered.flatMap(gapOf) };
}

/** What comes from the host has the engine's digest of its content already: others can't compute that one. */
async function describe(
  material: Material,
  question: LeafQuestion,
  resolve: ResolveLeaf | undefined,
): Promise<Material> {
  const content = hostKinds.has(material.kind) ? material.digests[contentDigestName] : undefined;
  if (content === undefined || resolve === undefined) return material;
  try {
    const facts = await resolve({ ...question, content });
    if (facts === undefined) return material;
    const { digests, size, git, unread } = facts;
    return {
      ...material,
      digests: { ...digests, ...material.digests },
      ...(size === undefined ? {} : { size }),
      ...(git === undefined ? {} : { git }),
      ...(unread === undefined ? {} : { unread }),
    };
  } catch (error) {
    return { ...material, unread: refused(error) };
  }
}

const hostKinds: ReadonlySet<MaterialKind> = new Set(["host-directory", "host-file"]);

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
    return { ...material, missing: refused(error) };
  }
}

function refused(error: unknown): string {
  return `the engine refused: ${shownReason(error)}`;
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
