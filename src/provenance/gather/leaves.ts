/** Asks the engine for what a leaf of a recipe is: part of a recipe is an id that the engine loads. */
import { encodeRecipe, subRecipe } from "../../recipe/index.js";
import { textOf } from "../json.js";
import { typeName } from "../recipe/call.js";
import { contentDigestName } from "../recipe/leaves.js";
import type { LeafFacts, LeafQuestion, ResolveLeaf } from "../recipe/resolve.js";
import { askNode, type EnginePort } from "./engine.js";
import { hostContent } from "./host-content.js";

/**
 * Answers by the engine that the recipe came from, once per leaf. What ran already does not run again. A path of the
 * host or of a module is asked for by its content alone: here it may name another machine's file.
 */
export function leafResolver(engine: EnginePort): ResolveLeaf {
  const answers = new Map<string, Promise<LeafFacts | undefined>>();
  return (question) => {
    const known = answers.get(question.call) ?? ask(engine, question);
    answers.set(question.call, known);
    return known;
  };
}

async function ask(
  engine: EnginePort,
  { kind, call, recipe, content }: LeafQuestion,
): Promise<LeafFacts | undefined> {
  if (content === undefined && !["image", "git", "http"].includes(kind)) return undefined;
  const asked = recipe.calls.get(call);
  const type = asked === undefined ? "" : typeName(asked);
  const fields = questions[type];
  if (fields === undefined) return undefined;
  const id = await encodeRecipe(subRecipe(recipe, call));
  if (content !== undefined) return hostContent(engine, type, id, content);
  if (type === "File") return engine.fileFacts(id);
  const node = await askNode(engine, type, id, fields);
  return node === undefined ? undefined : factsOf(node);
}

const questions: Readonly<Record<string, string>> = {
  GitRef: "commit ref",
  Directory: "digest",
  Container: "imageRef workdir",
  File: "id",
};

function factsOf(node: Record<string, unknown>): LeafFacts | undefined {
  const [commit, ref] = [textOf(node["commit"]), textOf(node["ref"])];
  if (commit !== "") return { digests: { gitCommit: commit }, ...(ref === "" ? {} : { ref }) };
  const content = sha256In(/^sha256:([0-9a-f]{64})$/, node["digest"]);
  if (content !== undefined) return { digests: { [contentDigestName]: content } };
  const manifest = manifestIn(node["imageRef"]);
  const workdir = node["workdir"];
  if (manifest === undefined) return undefined;
  return {
    digests: { sha256: manifest },
    ...(typeof workdir === "string" ? { workdir: workdir || "/" } : {}),
  };
}

/** SHA-256 of the manifest that an image's reference names; undefined where it names none. */
export function manifestIn(imageRef: unknown): string | undefined {
  return sha256In(/@sha256:([0-9a-f]{64})$/, imageRef);
}

function sha256In(form: RegExp, value: unknown): string | undefined {
  return form.exec(textOf(value))?.[1];
}
