/** Contender: this project, copying an image with all that is attached. Arguments: from, to, scratch directory. */
import { copyImage } from "../../src/oci/copy/copy.js";
import { openRegistry } from "../../src/oci/registry/open.js";
import { systemTiming } from "../../src/oci/timing.js";
import { parseImageReference } from "../../src/subjects/reference.js";

const [source = "", target = "", directory = ""] = process.argv.slice(2);
const timing = systemTiming();
const [from, to] = [parseImageReference(source), parseImageReference(target)];
const options = { timing, tags: [to.tag ?? "latest"], directory };
const [origin, aim] = [await openRegistry(from, { timing }), await openRegistry(to, { timing })];
await copyImage(origin, from.digest ?? "", aim, options);
