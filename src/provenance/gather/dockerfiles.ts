/** Asks the engine for Dockerfiles that were built: part of a recipe is an id that it loads. */
import { type Call, encodeRecipe, type Recipe, subRecipe } from "../../recipe/index.js";
import { membersOf } from "../../statement/json-value.js";
import type { DockerfilePort } from "../dockerfile/builds.js";
import type { EvidenceSource } from "../evidence/found.js";
import { textOf } from "../json.js";
import { repositoryOf, typeName, walk } from "../recipe/call.js";
import { contentDigestName, type Leaf, leafOf } from "../recipe/leaves.js";
import { type Answer, askNode, askUntraced, type EnginePort, refusal } from "./engine.js";
import { manifestIn } from "./leaves.js";

export type DockerfileOptions = {
  /** Platform of the machine that builds. */
  readonly buildPlatform?: string;
  /** Who told of the graph. After a run that was recorded elsewhere only what is pinned is the same still. */
  readonly source?: EvidenceSource;
};

/** Reads by the engine that the graph came from, or that is at hand after its run. */
export function dockerfileReader(engine: EnginePort, options: DockerfileOptions = {}): DockerfilePort {
  const { buildPlatform } = options;
  return {
    ...(buildPlatform === undefined ? {} : { buildPlatform }),
    textIn: async ({ recipe, directory, handedId, path, longest }) => {
      const id = handedId ?? (await directoryId(engine, recipe, directory, options.source));
      return fileText(engine, id, path, longest);
    },
    image: (address, platform) => imageFacts(engine, address, platform),
  };
}

/** @throws Error where the engine would load another directory than the one that was built */
async function directoryId(
  engine: EnginePort,
  recipe: Recipe,
  directory: string,
  source: EvidenceSource | undefined,
): Promise<string> {
  const { order, missing } = walk(recipe, [directory]);
  if (missing.length > 0) throw new Error("the directory was made where nobody could look");
  for (const call of order) await checkLeaf(engine, recipe, call, source);
  return encodeRecipe(subRecipe(recipe, directory));
}

async function checkLeaf(
  engine: EnginePort,
  recipe: Recipe,
  call: Call,
  source: EvidenceSource | undefined,
): Promise<void> {
  const receiver = call.receiver === undefined ? undefined : recipe.calls.get(call.receiver);
  const parent = receiver === undefined ? "Query" : typeName(receiver);
  const leaf = leafOf(call, receiver, `${parent}.${call.field}`, () => repositoryOf(recipe, call));
  if (leaf === undefined) return;
  if (isOfHost(leaf, call)) return checkContent(engine, recipe, call, leaf);
  const isPinned = Object.keys(leaf.digests).length > 0;
  if (source === "host-trace" && !isPinned) throw new Error("the directory may be another one after the run");
}

function isOfHost({ kind }: Leaf, call: Call): boolean {
  const type = typeName(call);
  return kind.startsWith("host-") || (kind === "module" && (type === "Directory" || type === "File"));
}

/** A path may hold something else by now, or mean another machine: what was used is known by its content. */
async function checkContent(engine: EnginePort, recipe: Recipe, call: Call, leaf: Leaf): Promise<void> {
  const content = leaf.digests[contentDigestName];
  if (content === undefined) throw new Error("nothing tells which content of the host was built");
  const id = await encodeRecipe(subRecipe(recipe, call.digest));
  const node = await askNode(engine, typeName(call), id, "digest");
  if (textOf(node?.["digest"]) !== `sha256:${content}`)
    throw new Error("the engine loads other content by now");
}

/** Its size first: what is too long is not sent. */
async function fileText(engine: EnginePort, id: string, path: string, longest: number): Promise<string> {
  const size = fileIn(await engine.query(fileQuery("size"), { id, path }))["size"];
  if (typeof size !== "number") throw new Error("the directory holds no such file");
  if (size > longest) throw new Error(`it has ${size} bytes; not more than ${longest} are read`);
  const { contents } = fileIn(await engine.query(fileQuery("contents"), { id, path }));
  if (typeof contents !== "string") throw new Error("the engine gives no text of it");
  return contents;
}

function fileQuery(field: string): string {
  return `query ($id: ID!, $path: String!) { node(id: $id) { ... on Directory { file(path: $path) { ${field} } } } }`;
}

/** @throws Error with the engine's refusal */
function fileIn(answer: Answer): Readonly<Record<string, unknown>> {
  const reason = refusal(answer);
  if (reason !== undefined) throw new Error(reason);
  return membersOf(membersOf(membersOf(answer.data)["node"])["file"]);
}

async function imageFacts(
  engine: EnginePort,
  address: string,
  platform: string | undefined,
): ReturnType<DockerfilePort["image"]> {
  const asked =
    platform === undefined
      ? "query ($address: String!) { container { from(address: $address) { imageRef } } }"
      : "query ($address: String!, $platform: Platform!) { container(platform: $platform) { from(address: $address) { imageRef } } }";
  const variables = platform === undefined ? { address } : { address, platform };
  const answer = await askUntraced(engine, asked, variables);
  const reason = refusal(answer);
  if (reason !== undefined) throw new Error(reason);
  const from = membersOf(membersOf(membersOf(answer.data)["container"])["from"]);
  const sha256 = manifestIn(from["imageRef"]);
  return sha256 === undefined ? undefined : { digests: { sha256 } };
}
