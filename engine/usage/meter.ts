/** Measures commands: by a control group of their own where one can be made, else by what the kernel tells of a child. */
import { basename } from "node:path";

import type { Store } from "../store/store.js";
import { openGroupMeter } from "./cgroup.js";
import { openChildMeter } from "./rusage.js";
import type { Meter } from "./types.js";

/** A meter for one command of the engine that owns the store. */
export async function openMeter(store: Store): Promise<Meter> {
  const name = store.temporary(`attest-${basename(store.work)}`);
  return (await openGroupMeter(basename(name))) ?? openChildMeter(store.temporary("usage"));
}
