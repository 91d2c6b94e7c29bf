import type { Problem } from "../error.js";
import { withinDeadline } from "../verification/deadline.js";

/**
 * Expressions of the Common Expression Language, evaluated by \@bufbuild/cel.
 * https://github.com/google/cel-spec/blob/master/doc/langdef.md
 */

/** JSON, but for `undefined` inside it. */
type Plain = unknown;

export type ExpressionOutcome = { readonly passed: boolean; readonly reason: string };

/** What is wrong with the text of an expression. */
export async function checkExpression(expression: string, path: string): Promise<Problem[]> {
  const { parse } = await import("@bufbuild/cel");
  try {
    parse(expression);
    return [];
  } catch (error) {
    return [
      { path, expected: "a CEL expression", got: error instanceof Error ? error.message : "something else" },
    ];
  }
}

/**
 * Evaluates an expression. Only `true` passes: a value that is no boolean, a field that is not there and any
 * other error are failures with their reason.
 */
export async function evaluateExpression(
  expression: string,
  variables: Readonly<Record<string, Plain>>,
): Promise<ExpressionOutcome> {
  const { celEnv, isCelError, parse, plan, celType } = await import("@bufbuild/cel");
  const { strings } = await import("@bufbuild/cel/ext");
  try {
    const evaluate = plan(celEnv({ funcs: strings }), parse(expression));
    const given = Object.fromEntries(Object.entries(variables).map(([name, value]) => [name, toCel(value)]));
    const outcome = withinDeadline(() => ({ result: evaluate(given) }));
    if (outcome === undefined)
      return { passed: false, reason: "the expression has no value: it was still running after two seconds" };
    const { result } = outcome;
    if (isCelError(result))
      return { passed: false, reason: `the expression has no value: ${result.message}` };
    if (result === true) return { passed: true, reason: "the expression is true" };
    if (result === false) return { passed: false, reason: "the expression is false" };
    return { passed: false, reason: `the expression is no truth value but ${celType(result).name}` };
  } catch (error) {
    return {
      passed: false,
      reason: `the expression has no value: ${error instanceof Error ? error.message : "unknown error"}`,
    };
  }
}

type CelPlain = string | number | boolean | null | CelPlain[] | Map<string, CelPlain>;

function toCel(value: Plain): CelPlain {
  if (Array.isArray(value)) return value.map(toCel);
  if (typeof value === "object" && value !== null)
    return new Map(Object.entries(value).map(([name, item]) => [name, toCel(item)]));
  return typeof value === "string" || typeof value === "number" || typeof value === "boolean" ? value : null;
}
