import { AttestError } from "../error.js";
import type { ContentStore } from "./store.js";

/**
 * Asks for a tag that need not be there: who can't be spoken to then (a certificate, the wrong protocol, no such host) can't
 * be later.
 * @throws AttestError REGISTRY_FAILED
 */
export async function assertReached(store: ContentStore, tag: string): Promise<void> {
  const error: unknown = await store.resolve(tag).catch((reason: unknown) => reason);
  // Whatever was answered is no reason to give up: who may write need not be let in to read.
  if (error instanceof AttestError && error.code === "REGISTRY_FAILED" && error.cause !== undefined)
    throw error;
}
