/**
 * A client that is no module: a program in a container that may speak to the engine. It sees the API of
 * the engine's own version, where a module sees that of the version that it was written for.
 */
import { randomUUID } from "node:crypto";
import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";

import { dag } from "@dagger.io/dagger";

import type { Answer, Variables } from "../provenance/gather/engine.js";
import { localFile, returnedDirectory, scratchDirectory } from "./files.js";
import { copyOwnNode } from "./own-node.js";

const ask = `import { readFile, writeFile } from "node:fs/promises";
const { DAGGER_SESSION_PORT: port, DAGGER_SESSION_TOKEN: token } = process.env;
const answer = await fetch(\`http://127.0.0.1:\${port}/query\`, {
  method: "POST",
  headers: {
    "content-type": "application/json",
    authorization: "Basic " + Buffer.from(token + ":").toString("base64"),
  },
  body: await readFile("/query.json"),
});
await writeFile("/answer.json", await answer.text());
`;

/** Sends one query from a nested client and gives its answer. No image is pulled: the client is our own Node.js. */
export async function askNested(query: string, variables: Variables): Promise<Answer> {
  const { directory, command } = await copyOwnNode(await scratchDirectory());
  await writeFile(join(directory, "query.json"), JSON.stringify({ query, variables }));
  await writeFile(join(directory, "ask.mjs"), ask);
  const answer = dag
    .container()
    .withRootfs(returnedDirectory(directory))
    // Handles are of one engine's life: an answer of an earlier one would be about another value.
    .withEnvVariable("ATTEST_QUESTION", randomUUID())
    .withExec([...command, "/ask.mjs"], { experimentalPrivilegedNesting: true })
    .file("/answer.json");
  return JSON.parse(await readFile(await localFile(answer), "utf8")) as Answer;
}
