/** Include and exclude patterns as Dagger and .dockerignore have them, and globs. */
import { Minimatch } from "minimatch";

import { sorted } from "./edit.js";
import type { Entry, Tree } from "./types.js";

const options = { dot: true, nocomment: true, nonegate: true, platform: "linux" } as const;

export type Matcher = {
  /** Whether a path, or a directory above it, is meant. */
  matches(path: string): boolean;
  /** Whether something below a directory may be meant although the directory is not. */
  mayMatchBelow(directory: string): boolean;
};

/** Patterns in order; a later one overrides an earlier one, `!` takes back. */
export function matcherOf(patterns: readonly string[]): Matcher {
  const rules = patterns
    .map((pattern) => pattern.trim())
    .filter((pattern) => pattern !== "" && pattern !== "!")
    .map((pattern) => {
      const negated = pattern.startsWith("!");
      const text = (negated ? pattern.slice(1) : pattern).replace(/^\.?\/+/, "").replace(/\/+$/, "");
      return { negated, whole: new Minimatch(text === "." || text === "" ? "**" : text, options) };
    });
  return {
    matches: (path) => {
      let matched = false;
      for (const rule of rules) {
        if (rule.negated === matched && lineage(path).some((each) => rule.whole.match(each)))
          matched = !rule.negated;
      }
      return matched;
    },
    mayMatchBelow: (directory) => rules.some((rule) => rule.whole.match(directory, true)),
  };
}

function lineage(path: string): string[] {
  const parts = path.split("/");
  return parts.map((_, index) => parts.slice(0, index + 1).join("/"));
}

export type Selection = { readonly include: readonly string[]; readonly exclude: readonly string[] };

/** Says of a path whether it is wanted, and of a directory whether to look into it. */
export function selectorOf(selection: Selection): {
  wants(path: string): boolean;
  entersDirectory(path: string): boolean;
} {
  const include = selection.include.length === 0 ? undefined : matcherOf(selection.include);
  const exclude = matcherOf(selection.exclude);
  const takesBack = selection.exclude.some((pattern) => pattern.trim().startsWith("!"));
  return {
    wants: (path) => (include === undefined || include.matches(path)) && !exclude.matches(path),
    entersDirectory: (path) =>
      (include === undefined || include.matches(path) || include.mayMatchBelow(path)) &&
      (takesBack || !exclude.matches(path)),
  };
}

/** The wanted entries and the directories that lead to them. */
export function filterTree(tree: Tree, selection: Selection): Tree {
  if (selection.include.length === 0 && selection.exclude.length === 0) return tree;
  const selector = selectorOf(selection);
  const kept = new Map<string, Entry>();
  for (const [path, entry] of tree) {
    if (!selector.wants(path)) continue;
    for (const parent of lineage(path).slice(0, -1)) {
      const above = tree.get(parent);
      if (above !== undefined) kept.set(parent, above);
    }
    kept.set(path, entry);
  }
  return sorted(kept);
}

/** Paths that match, directories with a slash at their end. */
export function globTree(tree: Tree, pattern: string): string[] {
  const glob = new Minimatch(pattern.replace(/^\.?\/+/, ""), options);
  return [...tree]
    .filter(([path]) => glob.match(path))
    .map(([path, entry]) => (entry.type === "directory" ? `${path}/` : path));
}
