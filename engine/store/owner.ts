/** Names that say which process something belongs to, so that what a killed one left can be told. */
import { readFileSync, readlinkSync } from "node:fs";

/** `<pid>.<start time>.<PID namespace>`: unlike a pid alone, never taken over by another process. */
export function ownerName(pid: number = process.pid): string {
  return `${pid}.${startTime(pid) ?? "0"}.${namespace()}`;
}

/**
 * Whether the process that a name begins with is still there, or may be: those of another container, which shares
 * the store, can't be seen from here.
 */
export function isOwnerAlive(name: string): boolean {
  return isForeign(name) || isRunning(name);
}

/** Whether the name is of a process that can't be seen from here. */
export function isForeign(name: string): boolean {
  const theirs = parts(name)?.namespace;
  return theirs !== undefined && theirs !== namespace();
}

function isRunning(name: string): boolean {
  const owner = parts(name);
  return owner !== undefined && startTime(owner.pid) === owner.started;
}

function parts(name: string): { pid: number; started: string; namespace: string | undefined } | undefined {
  const [, pid, started, theirs] = /^(\d+)\.(\d+)(?:\.(\d+))?/.exec(name) ?? [];
  return pid === undefined || started === undefined
    ? undefined
    : { pid: Number(pid), started, namespace: theirs };
}

let own: string | undefined;

/** The kernel's number of the PID namespace, as in `pid:[4026531836]`: a process keeps its own. */
function namespace(): string {
  own ??= /\d+/.exec(readlinkSync("/proc/self/ns/pid"))?.[0] ?? "0";
  return own;
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
