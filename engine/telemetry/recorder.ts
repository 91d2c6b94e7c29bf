/** What a session did: the calls that did work, and what their commands took. Read through `/v1/traces` and `/v1/metrics`. */
import { randomBytes } from "node:crypto";

import type { Call } from "../../src/recipe/index.js";
import type { Usage } from "../usage/types.js";

/** How the work of a call went, beside when. */
export type WorkFacts = {
  /** When it began, where that is better known than by when it was asked for: what it builds on is done before. */
  readonly started?: number;
  /** Nothing ran: what it would have given was kept from before. */
  readonly cached?: boolean;
  readonly failed?: boolean;
  readonly exitCode?: number;
  readonly usage?: Usage;
};

export type Work = WorkFacts & {
  /** 16 hex characters, of its own in the session. */
  readonly spanId: string;
  /** `Type.field`, as in `Container.withExec`. */
  readonly name: string;
  readonly call: Call;
  /** Milliseconds since 1970 UTC. */
  readonly started: number;
  readonly ended: number;
};

export type Recorder = {
  /** Of the session: 32 hex characters. */
  readonly traceId: string;
  readonly now: () => number;
  /** Work that has ended, in the order in which it ended. */
  readonly work: readonly Work[];
  add(name: string, call: Call, started: number, facts?: WorkFacts): void;
};

export function newRecorder(now: () => number): Recorder {
  const work: Work[] = [];
  return {
    traceId: randomBytes(16).toString("hex"),
    now,
    work,
    add: (name, call, started, facts = {}) => {
      const spanId = (work.length + 1).toString(16).padStart(16, "0");
      work.push({ started, ...facts, spanId, name, call, ended: now() });
    },
  };
}
