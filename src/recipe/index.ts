export { decodeRecipe, encodeRecipe } from "./codec.js";
export { inputDigests, subRecipe } from "./sub-recipe.js";
export type { Argument, Call, DecodedId, ExtraDigest, Literal, ModuleRef, Recipe, TypeRef } from "./types.js";
