/** Events for whoever shows progress. They hold no environment, no standard input and no secret. */

export type ProgressEvent = {
  readonly id: string;
  readonly name: string;
  readonly state: "started" | "cached" | "done" | "failed";
  /** How long it took; with `done` and `failed`. */
  readonly ms?: number;
};

export type Reporter = {
  /** Reports the start and the end of work. */
  during<T>(name: string, work: () => Promise<T>): Promise<T>;
  /** Reports work that did not have to be done. */
  cached(name: string): void;
};

export function newReporter(progress: (event: ProgressEvent) => void, nowMs: () => number): Reporter {
  let count = 0;
  return {
    during: async (name, work) => {
      const id = String(++count);
      const start = nowMs();
      progress({ id, name, state: "started" });
      try {
        const result = await work();
        progress({ id, name, state: "done", ms: nowMs() - start });
        return result;
      } catch (error) {
        progress({ id, name, state: "failed", ms: nowMs() - start });
        throw error;
      }
    },
    cached: (name) => progress({ id: String(++count), name, state: "cached" }),
  };
}
