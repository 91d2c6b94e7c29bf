/** A command line that can't be understood: exit code 2, nothing was run. */
export class UsageError extends Error {
  override readonly name = "UsageError";

  /** `path` is the chain of functions up to the fault: where `--help` helps. */
  constructor(
    message: string,
    readonly path: readonly string[] = [],
  ) {
    super(message);
  }
}
