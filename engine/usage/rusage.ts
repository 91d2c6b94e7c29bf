/**
 * Measures a command by what the kernel tells of a child that has ended: processor time, to the
 * millisecond, of the child and of the children that it waited for.
 */
import { readFile, rm } from "node:fs/promises";

import type { Meter } from "./types.js";

/** The command keeps its own standard error: only what `time` says goes to the file. */
const script = `TIMEFORMAT='%3U %3S'; { time setpriv --pdeathsig KILL -- "$@" 2>&3; } 3>&2 2>"$0"`;

/** A meter that writes to a file in between. */
export function openChildMeter(file: string): Meter {
  return {
    wrap: (command) => ["bash", "-c", script, file, ...command],
    read: async () => {
      const text = await readFile(file, "utf8").catch(() => "");
      const [user, system] = (/(\d+\.\d+) (\d+\.\d+)\s*$/.exec(text) ?? [])
        .slice(1)
        .map((seconds) => Math.round(Number(seconds) * 1e6));
      if (user === undefined || system === undefined) return undefined;
      const counters = {
        "cpustat.user": user,
        "cpustat.system": system,
        "cpustat.usage": user + system,
      } as const;
      return { method: "rusage", counters };
    },
    close: () => rm(file, { force: true }),
  };
}
