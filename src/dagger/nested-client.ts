/**
 * A client that is no module: a program in a container that may speak to the engine. It sees the API of
 * the engine's own version, where a module sees that of the version that it was written for.
 */
import { readFile } from "node:fs/promises";
import { randomUUID } from "node:crypto";

import { dag } from "@dagger.io/dagger";

import type { Answer, Variables } from "../provenance/gather/engine.js";
import { localFile } from "./files.js";

/** Small, and its wget can post. Only engines of 1.0 and later get here. */
const clientImage =
  "docker.io/library/alpine:3.22.1@sha256:4bcff63911fcb4448bd4fdacec207030997caf25e9bea4045fa6c8c44de311d1";

const ask = `wget -q -O /answer.json --post-file=/query.json \\
  --header="Content-Type: application/json" \\
  --header="Authorization: Basic $(printf '%s:' "$DAGGER_SESSION_TOKEN" | base64 -w 0)" \\
  "http://127.0.0.1:$DAGGER_SESSION_PORT/query"`;

/** Sends one query from a nested client and gives its answer. */
export async function askNested(query: string, variables: Variables): Promise<Answer> {
  const answer = dag
    .container()
    .from(clientImage)
    .withNewFile("/query.json", JSON.stringify({ query, variables }))
    // Handles are of one engine's life: an answer of an earlier one would be about another value.
    .withEnvVariable("ATTEST_QUESTION", randomUUID())
    .withExec(["sh", "-c", ask], { experimentalPrivilegedNesting: true })
    .file("/answer.json");
  return JSON.parse(await readFile(await localFile(answer), "utf8")) as Answer;
}
