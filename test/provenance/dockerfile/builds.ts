/** Recipes that build a Dockerfile, and an engine that has it, for tests. */
import type { DockerfilePort } from "../../../src/provenance/dockerfile/builds.js";
import type { Evidence } from "../../../src/provenance/evidence.js";
import { collectRecipe, type RecipeOptions } from "../../../src/provenance/recipe/collect.js";
import type { Literal } from "../../../src/recipe/index.js";
import { digestOf, type Draft, recipeOf } from "../recipe/recipes.js";

export const imageDigest = "1".repeat(64);

export type FakePort = DockerfilePort & { readonly asked: string[] };

/** An engine that gives this text for every file, and one digest for every image. */
export function portWith(text: string, more: Partial<DockerfilePort> = {}): FakePort {
  const asked: string[] = [];
  return {
    asked,
    buildPlatform: "linux/amd64",
    textIn: ({ path, directory }) => {
      asked.push(`${directory} ${path}`);
      return Promise.resolve(text);
    },
    image: (address, platform) => {
      asked.push([address, platform].filter((one) => one !== undefined).join(" "));
      return Promise.resolve({ digests: { sha256: imageDigest } });
    },
    ...more,
  };
}

export const source: Draft[] = [
  { is: "h", field: "host", type: "Host" },
  { is: "src", on: "h", field: "directory", type: "Directory", args: { path: "." }, content: `sha256:${"c".repeat(64)}` }, // prettier-ignore
];

export function buildArgs(pairs: Readonly<Record<string, string>>): Literal {
  const text = (value: string): Literal => ({ kind: "string", value });
  const values = Object.entries(pairs).map(([name, value]): Literal => ({
    kind: "object",
    values: [
      { name: "name", value: text(name) },
      { name: "value", value: text(value) },
    ],
  }));
  return { kind: "list", values };
}

export const build = (args: Draft["args"] = {}): Draft => ({
  ...{ is: "build", on: "src", field: "dockerBuild", type: "Container" },
  args,
});

/** Evidence of a value that a Dockerfile gave. */
export async function evidenceOf(
  lines: readonly string[],
  args: Draft["args"] = {},
  options: RecipeOptions = {},
): Promise<Evidence> {
  const dockerfiles = portWith(lines.join("\n"));
  return collectRecipe(recipeOf([...source, build(args)]), { dockerfiles, ...options });
}

export const buildDigest = digestOf("build");
export const sourceDigest = digestOf("src");
