/**
 * One copy as a process of its own, which its test kills in the middle. Arguments: registry and repository to copy `v1`
 * from, then directory of the layout or registry and repository to copy it to, and a directory for blobs on their way.
 */
import { copyImage } from "../../../src/oci/copy/copy.js";
import { openLayout } from "../../../src/oci/layout/open.js";
import { openRegistry } from "../../../src/oci/registry/open.js";
import { systemTiming } from "../../../src/oci/timing.js";

const [registry = "", repository = "", to = "", target = "", directory = ""] = process.argv.slice(2);
const timing = systemTiming();
const from = await openRegistry({ registry, repository }, { timing });
const store =
  target === ""
    ? await openLayout(to, { timing, create: true })
    : await openRegistry({ registry: to, repository: target }, { timing });
await copyImage(from, "v1", store, { timing, tags: ["v1"], directory });
