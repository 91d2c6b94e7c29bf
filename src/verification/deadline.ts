import { createContext, Script, type Context } from "node:vm";

import { errorCode } from "../error.js";

/** Long for what is meant to take no time at all; the verdict of whoever waits longer would not come. */
export const deadlineMilliseconds = 2_000;

const run = new Script("work()");
let context: Context | undefined;

/**
 * Runs something that could go on for ever on hostile input: a regular expression that backtracks, an expression
 * that nests loops. JavaScript can stop such work from inside in no other way.
 *
 * @returns what the work returned; undefined when it was stopped
 * @throws what the work threw
 */
export function withinDeadline<T>(work: () => T): T | undefined {
  context ??= createContext({});
  context["work"] = work;
  try {
    return run.runInContext(context, { timeout: deadlineMilliseconds }) as T;
  } catch (error) {
    if (errorCode(error) === "ERR_SCRIPT_EXECUTION_TIMEOUT") return undefined;
    throw error;
  } finally {
    delete context["work"];
  }
}
