/** A process with the fixture on an engine of its own, for a test to interrupt: `serve.ts STORE WORKDIR QUERY`. */
import { fileURLToPath } from "node:url";

import { sendQuery } from "../../../cli/client.js";
import { startEngine } from "../../../engine/index.js";
import { serveModule } from "../../../engine/module/serve.js";

const [store = "", workdir = "", query = ""] = process.argv.slice(2);
const engine = await startEngine({ store, workdir });
await serveModule({
  engine,
  directory: fileURLToPath(new URL("fixture", import.meta.url)),
  cache: store,
  onOutput: (line) => process.stdout.write(`${line}\n`),
});
await sendQuery(engine, query).finally(() => engine.close());
