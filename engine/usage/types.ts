/** What a command took, and how that was measured. */

/** Counters by the name that Dagger's engine gives their metric, without `dagger.io/metrics.`. */
export type Counter =
  | "cpustat.usage"
  | "cpustat.user"
  | "cpustat.system"
  | "memory.peak"
  | "iostat.disk.readbytes"
  | "iostat.disk.writebytes";

/** Microseconds and bytes. A counter that can't be measured here is not there: never 0 in its place. */
export type Counters = Partial<Record<Counter, number>>;

export type Usage = {
  /** What did the measuring. Every way measures the program that runs the command, and the command in it. */
  readonly method: "cgroup-v1" | "cgroup-v2" | "rusage";
  readonly counters: Counters;
};

/** Measures one command. */
export type Meter = {
  /** The command line that runs the given one under measurement. Streams and exit code are the command's. */
  readonly wrap: (command: readonly string[]) => readonly string[];
  /** What was measured, when the command has ended. */
  readonly read: () => Promise<Usage | undefined>;
  readonly close: () => Promise<void>;
};
