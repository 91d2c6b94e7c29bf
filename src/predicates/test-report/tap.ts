/** Test Anything Protocol 13 and 14: https://testanything.org/tap-version-14-specification.html */
import { isObject } from "../../statement/json-value.js";
import { joinNames, type TestOutcome } from "./outcome.js";

/**
 * Reads the tests out of TAP. A test is a test point without subtests; its name is those of the
 * subtests around it and its description, or its number where it has none.
 *
 * Skipped: the directive SKIP. Warned: the directive TODO, whatever the point says. Failed: `not ok`, and
 * under a name of its own what makes a run fail without a test point that says so: a bail out, a missing
 * or broken plan (output that was cut off), a subtest that is not closed.
 */
export async function readTap(text: string): Promise<TestOutcome[]> {
  const { Parser } = await import("tap-parser");
  return readEvents(Parser.parse(text), []);
}

/** The parser hands out `[name, ...values]` for each event; a subtest's are the value of `child`. */
function readEvents(events: unknown, around: readonly string[]): TestOutcome[] {
  const outcomes: TestOutcome[] = [];
  let subtest: unknown;
  let points = 0;
  let failureSeen = false;
  for (const [event, value] of eventsOf(events)) {
    if (event === "child") subtest = value;
    if (event === "assert" && isObject(value)) {
      points += 1;
      failureSeen ||= value["ok"] === false;
      outcomes.push(...readPoint(value, points, subtest, around));
      subtest = undefined;
    }
    if (event === "complete" && isObject(value)) {
      if (subtest !== undefined)
        outcomes.push(...readEvents(subtest, [...around, "(subtest without its test point)"]));
      outcomes.push(...failuresOfRun(value, around, failureSeen));
    }
  }
  return outcomes;
}

function eventsOf(events: unknown): readonly (readonly [unknown, unknown])[] {
  if (!Array.isArray(events)) return [];
  return events.map((event: unknown) =>
    Array.isArray(event) ? [event[0], event[1]] : [undefined, undefined],
  );
}

type Fields = Readonly<Record<string, unknown>>;

/** `position` counts from 1: a point without a number has that of its position. */
function readPoint(
  point: Fields,
  position: number,
  subtest: unknown,
  around: readonly string[],
): TestOutcome[] {
  const description = typeof point["name"] === "string" ? point["name"] : "";
  const number = typeof point["id"] === "number" && point["id"] > 0 ? point["id"] : position;
  const names = [...around, description === "" ? `test ${number}` : description];
  const outcome = outcomeOf(point);
  const inner = subtest === undefined ? [] : readEvents(subtest, names);
  // A directive on the point that closes a subtest speaks of all that is in it.
  if (inner.length === 0 || outcome === "skipped" || outcome === "warned")
    return [{ name: joinNames(names), outcome }];
  const told = outcome === "passed" || inner.some((test) => test.outcome === "failed");
  return told ? inner : [...inner, { name: joinNames(names), outcome }];
}

function outcomeOf(point: Fields): TestOutcome["outcome"] {
  if (isSet(point["todo"])) return "warned";
  if (isSet(point["skip"])) return "skipped";
  return point["ok"] === true ? "passed" : "failed";
}

/** A directive is `false`, `true`, or its text. */
function isSet(directive: unknown): boolean {
  return directive === true || typeof directive === "string";
}

/** A run that is not ok has failed; a point that is not ok, with a directive or without, says why. */
function failuresOfRun(run: Fields, around: readonly string[], failureSeen: boolean): TestOutcome[] {
  const failed = (what: string): TestOutcome => ({
    name: joinNames([...around, `(${what})`]),
    outcome: "failed",
  });
  const bailout = run["bailout"];
  if (isSet(bailout)) return [failed(`bail out: ${typeof bailout === "string" ? bailout : "no reason"}`)];
  const errors = Array.isArray(run["failures"]) ? run["failures"].filter(isObject) : [];
  const broken = errors.flatMap(({ tapError }) => (typeof tapError === "string" ? [failed(tapError)] : []));
  if (broken.length > 0 || run["ok"] === true || failureSeen) return broken;
  return [failed("the run did not end as planned")];
}
