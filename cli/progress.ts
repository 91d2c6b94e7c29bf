/** What the engine and the functions have to say while they work: on stderr, a line per step. */

/** Steps that end sooner are not worth a line. */
const shownAfterMilliseconds = 2000;

export type Progress = {
  /** A step begins; the returned function ends it. */
  readonly begin: (title: string) => () => void;
  /** A line that a function or a container printed. */
  readonly line: (text: string) => void;
};

export type ProgressOptions = {
  /** Without a terminal only what functions print themselves is passed on. */
  readonly isTerminal: boolean;
  readonly quiet: boolean;
  readonly write: (text: string) => void;
  readonly now: () => number;
};

export function makeProgress(options: ProgressOptions): Progress {
  const showsSteps = options.isTerminal && !options.quiet;
  return {
    begin: (title) => {
      const start = options.now();
      return () => {
        const elapsed = options.now() - start;
        if (showsSteps && elapsed >= shownAfterMilliseconds) {
          options.write(`${(elapsed / 1000).toFixed(1).padStart(6)} s  ${title}\n`);
        }
      };
    },
    line: (text) => {
      if (!options.quiet) options.write(`${text}\n`);
    },
  };
}
