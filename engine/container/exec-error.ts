/** The error of a command, with the fields that Dagger's SDKs read. */
import { readFile } from "node:fs/promises";

import { EngineError } from "../graph/error.js";
import { scrub } from "../secret/keeper.js";
import { objectPath } from "../store/objects.js";
import type { Store } from "../store/store.js";
import type { FileEntry } from "../tree/types.js";
import type { ExecRecord } from "./types.js";

const keptBytes = 256 * 1024;

export async function execError(
  store: Store,
  args: readonly string[],
  record: ExecRecord,
  plaintexts: readonly string[],
): Promise<EngineError> {
  const cmd = args.map((arg) => scrub(Buffer.from(arg), plaintexts).toString());
  const [stdout, stderr] = [await tail(store, record.stdout), await tail(store, record.stderr)];
  const outcome =
    record.exitCode === 0
      ? "succeeded, but was expected to fail"
      : `did not complete successfully: exit code: ${record.exitCode}`;
  const message = [`process ${JSON.stringify(cmd.join(" "))} ${outcome}`, stderr.trim()]
    .filter((part) => part !== "")
    .join("\n");
  return new EngineError(message, { _type: "EXEC_ERROR", cmd, exitCode: record.exitCode, stdout, stderr });
}

async function tail(store: Store, entry: FileEntry): Promise<string> {
  const bytes = await readFile(objectPath(store, entry.object));
  return bytes.subarray(Math.max(0, bytes.length - keptBytes)).toString("utf8");
}

const notStarted = /process failed to start with error: (.*)process exited with error: exec: not started\n?/;

/** Takes off the lines that Buildah adds about a command that failed. */
export function withoutRunnerLines(stderr: Buffer, exitCode: number): Buffer {
  if (exitCode === 0) return stderr;
  const text = stderr.toString("latin1").replace(notStarted, "$1\n");
  const status =
    exitCode > 128
      ? "(?:exited with status \\d+|received signal \\d+|.*?)"
      : `exited with status ${exitCode}`;
  const lines = new RegExp(`(?:subprocess ${status}\\n)*Error: exit status ${exitCode}\\n$`);
  return Buffer.from(text.replace(lines, ""), "latin1");
}
