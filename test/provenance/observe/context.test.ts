/** Default paths of a module's arguments, of a schema as Dagger v0.21.8 tells it. */
import { describe, expect, it } from "vitest";

import type { Answer, EnginePort } from "../../../src/provenance/gather/engine.js";
import { contextualValues } from "../../../src/provenance/observe/context.js";
import { argumentKey, type OmittedArgument } from "../../../src/provenance/observe/plan.js";

type Argument = {
  readonly name: string;
  readonly type: string;
  readonly path?: string;
  readonly ignore?: string[];
};

const functionOf = (name: string, ...args: Argument[]) => ({
  name,
  args: args.map(({ name: argument, type, path = "", ignore = [] }) => ({
    name: argument,
    defaultPath: path,
    ignore,
    typeDef: { asObject: { name: type } },
  })),
});

const foundry = {
  name: "Foundry",
  constructor: functionOf("", { name: "source", type: "Directory", path: "./recipes" }),
  functions: [
    functionOf(
      "cast",
      { name: "source", type: "Directory", path: "/", ignore: ["**/*.log"] },
      { name: "ladle", type: "File", path: "../ladle.txt" },
      { name: "mould", type: "Directory" },
      { name: "repository", type: "GitRepository", path: "/" },
    ),
  ],
};

function engineOf(answer: Answer): EnginePort {
  const never = (): never => {
    throw new Error("not asked for");
  };
  return { query: () => Promise.resolve(answer), stream: never, fileFacts: never, directoryFacts: never };
}

function answerOf(variables: readonly { readonly name: string }[] = []): Answer {
  return { data: { node: { asModule: { userDefaults: { variables }, objects: [{ asObject: foundry }] } } } };
}

const omitted = (functionName: string | undefined, argument: string): OmittedArgument => ({
  key: argumentKey(functionName, argument),
  object: "Foundry",
  functionName,
  argument,
});
const all = [
  omitted(undefined, "source"),
  ...["source", "ladle", "mould", "repository"].map((name) => omitted("cast", name)),
];
const served = { id: "id", modulePath: "ci" };

describe("contextualValues", () => {
  it("finds what a module gives where an argument is left out, below the root of what it is served from", async () => {
    expect(await contextualValues(engineOf(answerOf()), served, all)).toEqual({
      ".source": { kind: "directory", path: "/ci/recipes", ignore: [] },
      "cast.source": { kind: "directory", path: "/", ignore: ["**/*.log"] },
      "cast.ladle": { kind: "file", path: "/ladle.txt", ignore: [] },
    });
  });

  it("claims nothing where the user has defaults of his own, or the engine does not tell", async () => {
    const own = engineOf(answerOf([{ name: "FOUNDRY_SOURCE" }]));
    const refusing = engineOf({ errors: [{ message: "Cannot query field" }] });
    expect(await contextualValues(own, served, all)).toEqual({});
    expect(await contextualValues(refusing, served, all)).toEqual({});
  });
});
