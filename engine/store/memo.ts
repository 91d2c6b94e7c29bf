/** Results of expensive work, kept on disk by a key over everything that they depend on. */
import { createHash } from "node:crypto";

import { type Store, readJson, writeWhole } from "./store.js";

export function memoKey(kind: string, inputs: unknown): string {
  return `${kind}-${createHash("sha256").update(JSON.stringify(inputs)).digest("hex")}`;
}

/** The kept result, when `is` recognises it and it still holds. */
export async function recall<T>(
  store: Store,
  key: string,
  is: (value: unknown) => value is T,
): Promise<T | undefined> {
  const value = await readJson(store.path("memo", `${key}.json`));
  return is(value) ? value : undefined;
}

export async function remember(store: Store, key: string, value: unknown): Promise<void> {
  await writeWhole(store, store.path("memo", `${key}.json`), JSON.stringify(value));
}

/** Work that runs when it is first asked for, and once. A failure may be tried again. */
export function once<T>(work: () => Promise<T>): () => Promise<T> {
  let running: Promise<T> | undefined;
  return () => {
    if (running === undefined) {
      const started = work();
      running = started;
      started.catch(() => {
        if (running === started) running = undefined;
      });
    }
    return running;
  };
}
