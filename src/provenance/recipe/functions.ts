/** Calls of modules' functions in a call graph, and the modules that serve them. */
import type { Call } from "../../recipe/index.js";
import { moduleLocator } from "../locators.js";
import { typeName } from "./call.js";
import type { Operation } from "./operations.js";
import type { Reading } from "./reading.js";
import { shownArguments } from "./redact-call.js";

/** Adds the call, the module the first time that it occurs, and the gap that its code is. */
export function readFunction(
  { draft, redactor, found, modules }: Reading,
  call: Call,
  module: NonNullable<Call["module"]>,
  { parent, name }: Operation,
): void {
  const ref = module.ref === undefined || module.ref === "" ? undefined : redactor.url(module.ref);
  const pin = module.pin === undefined || module.pin === "" ? undefined : module.pin;
  draft.functions.push({
    ...found,
    digest: call.digest,
    module: {
      name: module.name,
      ...(ref === undefined ? {} : { ref }),
      ...(pin === undefined ? {} : { pin }),
    },
    name: parent === "Query" ? `${typeName(call)}.${call.field}` : name,
    arguments: shownArguments(call, redactor),
  });
  if (ref !== undefined && !modules.has(module.name)) {
    modules.add(module.name);
    draft.materials.push({
      ...found,
      kind: "module",
      ...moduleLocator(ref, pin),
      name: module.name,
      steps: [call.digest],
    });
  }
  draft.gaps.push({
    code: "opaque-step",
    detail: `${name}: the function's code made this value`,
  });
}
