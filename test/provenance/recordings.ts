/** The recordings of real engines beside the checkout; tests that need them skip where they are absent. */
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import type { OtlpBody } from "../../src/provenance/telemetry/otlp.js";

const root = join(import.meta.dirname, "../../../shared/recordings");

/** Undefined when the recordings are there, else why a test that reads them is skipped. */
export const noRecordings = existsSync(root) ? undefined : "needs the recordings in ../shared/recordings";

export function recording(path: string): string {
  return readFileSync(join(root, path), "utf8");
}

export function recordedBytes(path: string): Buffer {
  return readFileSync(join(root, path));
}

/** The OTLP bodies of the host recording, in the order in which they were posted. */
export function hostBodies(): OtlpBody[] {
  const directory = join(root, "dagger-v0.21.8/host");
  const files = readdirSync(directory).sort();
  return files.map((name) => ({
    signal: name.includes("traces") ? "traces" : "metrics",
    bytes: readFileSync(join(directory, name)),
  }));
}
