/** The step that a call is. */
import { createHash } from "node:crypto";

import type { Call } from "../../recipe/index.js";
import type { Step } from "../evidence/step.js";
import { argument, contentOf, inputsOf, textArgument, textOfLiteral, typeName } from "./call.js";
import { inEffect } from "./effects.js";
import { type Operation, stepKind } from "./operations.js";
import type { Reading } from "./reading.js";
import { shownArguments } from "./redact-call.js";

/** A step while it is made: a build has tens of thousands, so members are set one by one, and no step is copied. */
type StepDraft = { -readonly [Member in keyof Step]: Step[Member] };

export function stepOf(reading: Reading, call: Call, operation: Operation): Step {
  const { redactor, found, opened, builds } = reading;
  const made = opened.get(call.digest);
  const kind = made === undefined ? stepKind(operation, typeName(call), call.module !== undefined) : "other";
  const step: StepDraft = {
    source: found.source,
    exactness: found.exactness,
    digest: call.digest,
    operation: operation.name,
    kind,
    inputs: distinct(inputsOf(call), made ?? builds.results.get(call.digest)),
    // The command of an exec stands in argv.
    arguments: shownArguments(call, redactor, kind === "exec" ? "args" : undefined),
  };
  if (kind === "exec") addCommand(step, call, reading);
  const content = contentOf(call);
  if (content !== undefined) step.content = content;
  const contents = textArgument(call, "contents");
  if (contents !== undefined) step.inline = inlineOf(contents);
  const location = builds.locations.get(call.digest);
  if (location !== undefined) step.location = location;
  return step;
}

function distinct(inputs: readonly string[], more: readonly string[] = []): readonly string[] {
  // Most calls have two at most: no set is made for those.
  const isDistinct = inputs.length < 2 || (inputs.length === 2 && inputs[0] !== inputs[1]);
  return isDistinct && more.length === 0 ? inputs : [...new Set([...inputs, ...more])];
}

function addCommand(step: StepDraft, call: Call, { effects, workdirs, redactor }: Reading): void {
  const args = argument(call, "args");
  const words = args?.kind === "list" ? args.values : [];
  const { environment, mounts, notListed } = inEffect(effects, call.receiver);
  step.argv = redactor.argv(words.map((word) => textOfLiteral(word) ?? ""));
  const workdir = workdirs(call.receiver);
  if (workdir !== undefined) step.workdir = redactor.text(workdir);
  step.environment = environment;
  step.mounts = mounts;
  if (notListed > 0) step.notListed = notListed;
}

function inlineOf(contents: string): { size: number; sha256: string } {
  const bytes = Buffer.from(contents, "utf8");
  return { size: bytes.length, sha256: createHash("sha256").update(bytes).digest("hex") };
}
