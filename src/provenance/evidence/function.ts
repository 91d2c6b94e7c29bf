/** Functions of modules, and what they were called with. */
import type { Found } from "./found.js";
import type { ArgumentValue } from "./step.js";

export type ModuleRef = {
  readonly name: string;
  readonly ref?: string;
  readonly pin?: string;
};

/** A call of a module's function. */
export type FunctionCall = Found & {
  readonly digest: string;
  readonly module: ModuleRef;
  /** `Type.function`, as in `Pipeline.build`. */
  readonly name: string;
  readonly arguments: Readonly<Record<string, ArgumentValue>>;
  /** Digest of the step that it returned. */
  readonly output?: string;
  /** True when the engine answered from its function cache, so that nothing inside was seen. */
  readonly hidden?: boolean;
};

/** Something the user set: an argument of the entry point, or a declared parameter. */
export type Parameter = Found & { readonly name: string; readonly value: ArgumentValue };
