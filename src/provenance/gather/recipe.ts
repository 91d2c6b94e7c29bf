/**
 * The recipe of a value, by the best door that the engine has: its id where ids are recipes, else Dagger
 * 1.0's `LLM.portableID`, asked directly or, since only clients of 1.0's view see it, by a nested client.
 * No model is asked, and nothing runs.
 */
import { decodeRecipe, type Recipe } from "../../recipe/index.js";
import { isRecord } from "../json.js";
import { shownReason } from "../redact.js";
import { type Answer, type EnginePort, refusal } from "./engine.js";

/** A recipe, or why there is none. */
export type FoundRecipe = Recipe | { readonly because: string };

const portableId = 'query ($id: ID!) { llm(model: "none") { withTools(object: $id) { portableID } } }';

/** Looks for the recipe of the value that the id names. */
export async function findRecipe(
  engine: EnginePort,
  id: string,
  engineVersion: string,
): Promise<FoundRecipe> {
  const decoded = await decodeRecipe(id);
  if (decoded.kind === "recipe") return decoded;
  const direct = await engine.query(portableId, { id });
  const answer = refusal(direct) === undefined ? direct : await askNested(engine, id, engineVersion);
  if ("because" in answer) return answer;
  const portable = portableIdIn(answer.data);
  if (portable === undefined) return { because: reasonIn(answer) };
  const recipe = await decodeRecipe(portable);
  return recipe.kind === "recipe" ? recipe : { because: "the engine's portable id is a handle" };
}

async function askNested(
  engine: EnginePort,
  id: string,
  engineVersion: string,
): Promise<Answer | { readonly because: string }> {
  if (!hasPortableIds(engineVersion) || engine.nestedQuery === undefined)
    return {
      because: `ids of engine ${engineVersion || "(unknown)"} are handles, and it has no portable ids`,
    };
  try {
    return await engine.nestedQuery(portableId, { id });
  } catch (error) {
    return { because: `no nested client could ask for it: ${shownReason(error)}` };
  }
}

/** Since 1.0, its pre-releases included. */
function hasPortableIds(version: string): boolean {
  return Number(/^v?(\d+)\./.exec(version)?.[1] ?? 0) >= 1;
}

function portableIdIn(data: unknown): string | undefined {
  const llm = isRecord(data) ? data["llm"] : undefined;
  const bound = isRecord(llm) ? llm["withTools"] : undefined;
  const id = isRecord(bound) ? bound["portableID"] : undefined;
  return typeof id === "string" ? id : undefined;
}

function reasonIn(answer: Answer): string {
  return `the engine gives no portable id: ${shownReason(refusal(answer) ?? "an empty answer")}`;
}
