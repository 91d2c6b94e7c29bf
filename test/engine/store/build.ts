/** A process with an engine of its own, for a test to kill: `build.ts STORE WORKDIR QUERY`. Says what it does. */
import { sendQuery } from "../../../cli/client.js";
import { startEngine } from "../../../engine/index.js";

const [store = "", workdir = "", query = ""] = process.argv.slice(2);
const engine = await startEngine({
  store,
  workdir,
  progress: ({ name, state }) => process.stdout.write(`${state} ${name}\n`),
});
await sendQuery(engine, query);
await engine.close();
