/**
 * One writer among many, as a process of its own. Arguments: registry, repository, layout, bundle. It waits for a line
 * on standard input, so that all begin at once.
 */
import { once } from "node:events";

import { attachInLayout, type AttachLayout } from "../../../src/oci/attach/layouts.js";
import { openRegistry } from "../../../src/oci/registry/open.js";
import { systemTiming } from "../../../src/oci/timing.js";

const [registry = "", repository = "", layout = "", path = ""] = process.argv.slice(2);
const timing = systemTiming();
const store = await openRegistry({ registry, repository }, { timing });
console.log("ready");
await once(process.stdin, "data");
process.stdin.destroy();
const options = { created: "2026-11-26T00:00:00Z", timing, tag: "v1" };
await attachInLayout(store, "v1", [path], layout as AttachLayout, options);
