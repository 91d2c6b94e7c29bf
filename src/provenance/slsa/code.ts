/**
 * What can be said of code that no source looks into: commands, functions, and whoever described the build. It may
 * have read or fetched anything, so its part in a build is told, and stands between a statement and `hermetic`.
 */
import type { Evidence } from "../evidence.js";
import type { Step, StepKind } from "../evidence/step.js";

/** Steps that run something, that nobody can look into, or that set text of whoever described the build. */
const openKinds: ReadonlySet<StepKind> = new Set(["exec", "opaque", "function", "config"]);

/** Operations whose text becomes content; that of `contents` arguments shows as `inline`. */
const writesText = /\.with(?:NewFile|Patch|Replaced)$/;

/**
 * True when the steps only move content of the materials. Names and paths are text as well, and are not counted:
 * every build has them.
 */
export function isHermetic(evidence: Evidence): boolean {
  return !ranFunctions(evidence) && evidence.steps.every(movesContent);
}

function movesContent({ kind, source, operation, inline }: Step): boolean {
  return source !== "declared" && !openKinds.has(kind) && inline === undefined && !writesText.test(operation);
}

/** That a function ran is known when its call was seen, or when its module is among the materials. */
function ranFunctions({ functions, materials }: Evidence): boolean {
  return functions.length > 0 || materials.some(({ kind }) => kind === "module");
}

/** A command that a source saw; what the author declares or a Dockerfile asks for ran elsewhere, if it did. */
export function isCommand({ kind, source }: Step): boolean {
  return kind === "exec" && source !== "declared" && source !== "dockerfile";
}

/** Remarks on code that the evidence does not look into. A recipe holds calls, and not who made them. */
export function codeNotes(evidence: Evidence): string[] {
  if (ranFunctions(evidence))
    return ["the code of functions could use the network; what it read or fetched itself is not recorded"];
  if (evidence.root === undefined) return [];
  return ["the calls do not tell which code made them; what it read or fetched itself is not recorded"];
}
