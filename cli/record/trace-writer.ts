/** Writes a trace file that is there as a whole or not at all. */
import { type FileHandle, open, rename, rm } from "node:fs/promises";
import { basename, dirname, join, resolve } from "node:path";

import type { OtlpBody } from "../../src/provenance/telemetry/otlp.js";
import { traceLine } from "../../src/provenance/telemetry/trace-file.js";

export type TraceWriter = {
  /** Adds one body. Bodies that are given at the same time are written one after the other. */
  add(body: OtlpBody): Promise<void>;
  /** Puts the file in its place; gives the number of bodies. */
  finish(): Promise<number>;
  /** Removes what was written. */
  discard(): Promise<void>;
};

/** Opens a file beside the trace's place, so that what can't be written is known before the command runs. */
export async function openTrace(path: string): Promise<TraceWriter> {
  const place = resolve(path);
  const draft = join(dirname(place), `.${basename(place)}.${process.pid}.tmp`);
  // Spans hold arguments as the pipeline gave them: nobody else reads the file.
  const file = await open(draft, "wx", 0o600);
  let count = 0;
  let last: Promise<unknown> = Promise.resolve();
  return {
    add: async (body) => {
      count++;
      const written = last.then(() => file.write(traceLine(body)));
      last = written.catch(() => undefined);
      await written;
    },
    finish: async () => {
      await last;
      await sealed(file);
      await rename(draft, place);
      return count;
    },
    discard: async () => {
      await file.close().catch(() => undefined);
      await rm(draft, { force: true });
    },
  };
}

async function sealed(file: FileHandle): Promise<void> {
  try {
    await file.sync();
  } finally {
    await file.close();
  }
}
