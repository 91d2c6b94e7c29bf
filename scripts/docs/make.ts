/** Puts together what the reference is made from: the module's types, the core's, and the examples. */
import { readFile } from "node:fs/promises";
import { join } from "node:path";

import { type Catalog, makeCatalog } from "../../cli/catalog.js";
import { readCoreTypes } from "../../cli/core-types.js";
import { examplesByFunction, readExamples } from "../../cli/examples.js";
import { sdkDocs } from "../../cli/sdk-docs.js";
import { locateSdk } from "../../engine/module/introspector.js";
import type { ModuleTypes } from "../../engine/module/types.js";
import { referencePage } from "./reference.js";

/** The text of docs/reference.md. */
export async function makeReference(root: string, types: ModuleTypes): Promise<string> {
  const catalog = await readCatalog(root, types);
  return referencePage(types, catalog, examplesByFunction(catalog, await readExamples(root)));
}

/** What can stand on a command line, as ./attest sees it. */
export async function readCatalog(root: string, types: ModuleTypes): Promise<Catalog> {
  const sdk = await locateSdk();
  const [schema, declarations] = await Promise.all([
    readFile(join(root, "engine", "schema.graphql"), "utf8"),
    readFile(join(sdk.directory, "dist", "src", "api", "client.gen.d.ts"), "utf8"),
  ]);
  return makeCatalog(types, readCoreTypes(schema, sdkDocs(declarations)), types.name);
}
