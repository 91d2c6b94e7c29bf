/** Names that say which process something belongs to, so that what a killed one left can be told. */
import { readFileSync } from "node:fs";

/** `<pid>.<start time>`: unlike a pid alone, never taken over by another process. */
export function ownerName(pid: number = process.pid): string {
  return `${pid}.${startTime(pid) ?? "0"}`;
}

/** Whether the process that a name begins with is still there. */
export function isOwnerAlive(name: string): boolean {
  const match = /^(\d+)\.(\d+)/.exec(name);
  if (match === null) return false;
  return startTime(Number(match[1])) === match[2];
}

/** Clock ticks between boot and the start of the process: field 22 of its stat file. */
function startTime(pid: number): string | undefined {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, "utf8");
    // The command, in parentheses, may itself hold spaces and parentheses.
    return stat.slice(stat.lastIndexOf(")") + 2).split(" ")[19];
  } catch {
    return undefined;
  }
}
