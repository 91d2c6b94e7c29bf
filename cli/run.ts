/** Runs a parsed chain on an engine and hands its result out. */
import { writeFile } from "node:fs/promises";
import { dirname, resolve } from "node:path";

import { makeUserDirectory } from "../engine/tree/make-user-directory.js";
import type { Catalog } from "./catalog.js";
import type { CommandLine } from "./parse.js";
import { endsInObject, resultAt, resultText } from "./print.js";
import { addresses, addressKey, addressQuery, chainQuery, type Query } from "./query.js";
import { unresolved } from "./unresolved.js";

/** Sends one GraphQL query and gives back its data. @throws QueryError when the engine refuses or fails */
export type SendQuery = (query: string) => Promise<unknown>;

/** What the engine said went wrong. */
export class QueryError extends Error {
  override readonly name = "QueryError";

  constructor(
    message: string,
    readonly extensions: Readonly<Record<string, unknown>> = {},
  ) {
    super(message);
  }
}

export type Output = {
  readonly stdout: (text: string) => Promise<unknown>;
  readonly stderr: (text: string) => void;
  readonly stdoutIsTerminal: boolean;
};

/** Resolves the addresses among the arguments, sends the chain as one query, prints or saves the result. */
export async function runChain(
  catalog: Catalog,
  line: CommandLine,
  send: SendQuery,
  output: Output,
): Promise<void> {
  const ids = new Map<string, string>();
  for (const address of addresses(line.steps)) {
    const field = address.type.charAt(0).toLowerCase() + address.type.slice(1);
    const found = await send(addressQuery(address)).catch((error: unknown) => {
      throw unresolved(error, address, line.steps);
    });
    const id = resultAt(found, ["address", field, "id"]);
    ids.set(addressKey(address), String(id));
  }
  const query = chainQuery(catalog, line.steps, line.options, ids);
  const result = resultAt(await send(query.text), query.path);
  await deliver(query, result, line, output);
}

async function deliver(query: Query, result: unknown, line: CommandLine, output: Output): Promise<void> {
  const path = line.options.output;
  if (query.exported) {
    output.stderr(`Saved to ${JSON.stringify(resolve(path ?? ""))}.\n`);
    return;
  }
  const text = resultText(query, result, line.options.json);
  // As `dagger call` does: an object without `export` is printed, whatever was asked for.
  if (path !== undefined && !endsInObject(query)) {
    await makeUserDirectory(dirname(resolve(path)));
    await writeFile(path, text);
    output.stderr(`Saved output to ${JSON.stringify(resolve(path))}.\n`);
  }
  await output.stdout(output.stdoutIsTerminal && text !== "" && !text.endsWith("\n") ? `${text}\n` : text);
}
