/** What the engine and the functions have to say while they work: on stderr, a line per step. */

/** Steps that end sooner are not worth a line. */
const shownAfterMilliseconds = 2000;

/** What the engine tells of a step. */
export type Step = {
  readonly id: string;
  readonly name: string;
  readonly state: "started" | "cached" | "done" | "failed";
  readonly ms?: number;
};

export type Progress = {
  readonly step: (step: Step) => void;
  /** A line that a function or a container printed. */
  readonly line: (text: string) => void;
};

export type ProgressOptions = {
  /** Without a terminal only what functions print themselves is passed on. */
  readonly isTerminal: boolean;
  readonly quiet: boolean;
  readonly write: (text: string) => void;
};

export function makeProgress(options: ProgressOptions): Progress {
  const showsSteps = options.isTerminal && !options.quiet;
  return {
    step: ({ name, state, ms = 0 }) => {
      if (!showsSteps || (state !== "done" && state !== "failed") || ms < shownAfterMilliseconds) return;
      const seconds = `${(ms / 1000).toFixed(1)} s`.padStart(8);
      options.write(`${seconds}  ${name}${state === "failed" ? "  failed" : ""}\n`);
    },
    line: (text) => {
      if (!options.quiet) options.write(`${text}\n`);
    },
  };
}
