/** Steps: what a build did, one call of the API each. */
import type { Found } from "./found.js";

export type StepKind =
  /** Runs a command. */
  | "exec"
  /** Starts from an image. */
  | "base"
  /** Brings something in from outside: git, http, host. */
  | "source"
  /** Writes files. */
  | "file"
  /** Mounts something, or hands over a secret. */
  | "mount"
  /** Sets configuration: environment, labels, user, entrypoint. */
  | "config"
  /** Picks a part of another value. */
  | "select"
  /** Builds behind one call that can't be looked into (dockerBuild). */
  | "opaque"
  /** Sends something out: publish, export. */
  | "publish"
  /** A function of a module. */
  | "function"
  | "other";

/** An argument after redaction: what may be shown. `{step}` refers to another step. */
export type ArgumentValue =
  | string
  | number
  | boolean
  | null
  | { readonly step: string }
  | readonly ArgumentValue[]
  | { readonly [name: string]: ArgumentValue };

/** A mount or a secret that is in effect for a command. */
export type Mount = {
  readonly kind: "directory" | "file" | "cache" | "secret" | "temp" | "socket" | "service" | "volume";
  /** Path in the container, `$NAME` for a variable, or the host name of a service. */
  readonly target: string;
  /** Step that made what is mounted. */
  readonly step?: string;
};

export type Step = Found & {
  /** Recipe digest of the call, or `<source>:<n>` where the source has none. */
  readonly digest: string;
  /** `Type.field`, as in `Container.withExec`. */
  readonly operation: string;
  readonly kind: StepKind;
  /** Digests of the steps it builds on, the receiver first. */
  readonly inputs: readonly string[];
  readonly arguments?: Readonly<Record<string, ArgumentValue>>;
  /** The command, for `exec`: redacted. */
  readonly argv?: readonly string[];
  /** Where the command started: an absolute path, where the calls or the engine tell it. */
  readonly workdir?: string;
  /** Names (never values) of the variables in effect; the last ones when there are more than `effectLimit`. */
  readonly environment?: readonly string[];
  /** Mounts in effect; the last ones when there are more than `effectLimit`. */
  readonly mounts?: readonly Mount[];
  /** How many variables and mounts `environment` and `mounts` left out. */
  readonly notListed?: number;
  /** Digest of the content, where the engine tells one; a key of the engine, not an in-toto digest. */
  readonly content?: string;
  /** Bytes and sha256 of text that the step writes itself (`withNewFile`). */
  readonly inline?: { readonly size: number; readonly sha256: string };
  /** The instruction of a Dockerfile that asked for it: first and last line, from 1. */
  readonly location?: { readonly file: string; readonly lines: readonly [first: number, last: number] };
};

/** Variables and mounts listed per command; a longer list is cut so that a long chain stays linear. */
export const effectLimit = 32;
