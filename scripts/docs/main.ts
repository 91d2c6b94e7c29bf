/** npm run docs: writes docs/reference.md from the module's types. test/api compares it. */
import { writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

import { introspect } from "../../engine/module/introspect.js";
import { readModuleSource } from "../../engine/module/source.js";
import { makeReference } from "./make.js";

const root = dirname(dirname(dirname(fileURLToPath(import.meta.url))));
const types = await introspect(await readModuleSource(root));
await writeFile(join(root, "docs", "reference.md"), await makeReference(root, types));
