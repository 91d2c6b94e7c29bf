/** Variables of a Dockerfile: what ARG and ENV set, in the order in which they do, and what the builder sets itself. */
import { expandWord, type Lookup } from "./expand.js";
import type { Instruction } from "./parse.js";
import { pairsOf } from "./words.js";

export type Variables = {
  /** `null`: has no value; undefined: has one that is not known. */
  readonly values: Map<string, string | null | undefined>;
  /** Set by ENV, which an ARG of the same name does not change. */
  readonly environment: Set<string>;
  /** True where variables that nobody here set may have a value: an image sets some. */
  readonly isOpen: boolean;
};

/** What a build is given. */
export type Given = {
  readonly buildArgs: ReadonlyMap<string, string>;
  /** `linux/arm64/v8`, where it is known. */
  readonly platform?: string;
  /** Platform of the machine that builds. */
  readonly buildPlatform?: string;
};

/** Variables before the first FROM: the builder's own. */
export function firstVariables(given: Given): Variables {
  const values = new Map([
    ...platformValues("TARGET", given.platform ?? given.buildPlatform),
    ...platformValues("BUILD", given.buildPlatform),
  ]);
  return { values, environment: new Set(), isOpen: false };
}

function platformValues(prefix: string, platform: string | undefined): [string, string | undefined][] {
  const [os, architecture, variant = ""] = platform?.split("/") ?? [];
  const isKnown = os !== undefined && architecture !== undefined;
  return [
    [`${prefix}PLATFORM`, isKnown ? platform : undefined],
    [`${prefix}OS`, os],
    [`${prefix}ARCH`, architecture],
    [`${prefix}VARIANT`, isKnown ? variant : undefined],
  ];
}

/** Variables at the beginning of a stage. */
export function stageVariables(base: Variables | undefined, isOpen: boolean): Variables {
  return base === undefined
    ? { values: new Map(), environment: new Set(), isOpen }
    : { values: new Map(base.values), environment: new Set(base.environment), isOpen: base.isOpen };
}

export function lookupIn({ values, isOpen }: Variables): Lookup {
  return (name) => (values.has(name) ? values.get(name) : isOpen ? undefined : null);
}

/**
 * Follows an ARG or an ENV.
 * @param outer variables before the first FROM, for an ARG of a stage that sets no value
 */
export function setVariables(
  variables: Variables,
  instruction: Instruction,
  escape: string,
  given: Given,
  outer?: Variables,
): void {
  const { values, environment } = variables;
  const isArg = instruction.keyword === "ARG";
  // The pairs of one ENV do not see each other.
  const lookup = lookupIn(isArg ? variables : { ...variables, values: new Map(values) });
  for (const [name, written] of pairsOf(instruction, escape)) {
    if (name === "" || (isArg && environment.has(name))) continue;
    if (!isArg) environment.add(name);
    const handed = isArg ? given.buildArgs.get(name) : undefined;
    const inherited = isArg ? outer?.values : undefined;
    if (handed !== undefined) values.set(name, handed);
    else if (written !== undefined) values.set(name, expandWord(written, lookup, escape));
    else if (inherited?.has(name) === true) values.set(name, inherited.get(name));
    else if (!values.has(name)) values.set(name, variables.isOpen ? undefined : null);
  }
}
