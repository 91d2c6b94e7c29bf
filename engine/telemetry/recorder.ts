/** What a session did: the calls that did work, and what their commands took. Read through `/v1/traces` and `/v1/metrics`. */
import { AsyncLocalStorage } from "node:async_hooks";
import { randomBytes } from "node:crypto";

import type { Call } from "../../src/recipe/index.js";
import type { Usage } from "../usage/types.js";

/** How the work of a call went, beside when. */
export type WorkFacts = {
  /** When it began, where that is better known than by when it was asked for. */
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

/** The call whose work it was; undefined for work that nobody has to hear of. */
export type Worked = { readonly name: string; readonly call: Call; readonly facts?: WorkFacts };

export type Recorder = {
  /** Of the session: 32 hex characters. */
  readonly traceId: string;
  readonly now: () => number;
  /** Work that has ended, in the order in which it ended. */
  readonly work: readonly Work[];
  /**
   * Does work and records it. Its time begins when the last recorded work that it waited for has ended: what a call
   * builds on is often done when the call is asked for.
   * @param tell whose work it was, by its result; undefined as the result when it failed.
   */
  during<T>(work: () => Promise<T>, tell: (result: T | undefined) => Worked | undefined): Promise<T>;
};

export function newRecorder(now: () => number): Recorder {
  const work: Work[] = [];
  const waiting = new AsyncLocalStorage<{ ready: number }>();

  const add = (worked: Worked, ready: number, failed: boolean): void => {
    const { name, call, facts } = worked;
    const spanId = (work.length + 1).toString(16).padStart(16, "0");
    const started = Math.max(facts?.started ?? 0, ready);
    work.push({ ...facts, ...(failed ? { failed } : {}), started, spanId, name, call, ended: now() });
  };

  return {
    traceId: randomBytes(16).toString("hex"),
    now,
    work,
    during: async (done, tell) => {
      const outer = waiting.getStore();
      const own = { ready: now() };
      try {
        const result = await waiting.run(own, done);
        const worked = tell(result);
        if (worked !== undefined) add(worked, own.ready, false);
        return result;
      } catch (error) {
        const worked = tell(undefined);
        if (worked !== undefined) add(worked, own.ready, true);
        throw error;
      } finally {
        if (outer !== undefined) outer.ready = now();
      }
    },
  };
}
