/**
 * The process that serves one function call. It loads the SDK, waits to be told which engine to ask, and
 * hands over to the SDK's own entry point: the same code that runs a function on Dagger.
 *
 * Node.js runs this file itself. tsx, which the module's decorators need, comes in afterwards: through
 * its loader the SDK's many files would take twice as long.
 */
import { pathToFileURL } from "node:url";

import { register } from "tsx/esm/api";

import { replaceSdk, useRecord } from "./recorded-scan.ts";

const [, , sdk = ""] = process.argv;
replaceSdk(pathToFileURL(sdk).href);
const { entrypoint } = await import("@dagger.io/dagger");

/** What the engine sends, once. */
export type StartMessage = {
  readonly port: number;
  readonly token: string;
  /** The module's source files and the stub of the generated client. */
  readonly files: readonly string[];
  /** Path of what the scan of these files found. */
  readonly scan: string;
  /** Directory for the function's temporary files. */
  readonly temporary: string;
};

process.once("message", (message: StartMessage) => {
  process.env["DAGGER_SESSION_PORT"] = String(message.port);
  process.env["DAGGER_SESSION_TOKEN"] = message.token;
  process.env["TMPDIR"] = message.temporary;
  process.disconnect();
  useRecord(message.scan);
  register();
  entrypoint([...message.files]).catch((error: unknown) => {
    console.error(error);
    process.exitCode = 1;
  });
});
// Whoever waits for this process has gone: nothing will come any more.
process.once("disconnect", () => {
  if (process.env["DAGGER_SESSION_PORT"] === undefined) process.exit(1);
});
