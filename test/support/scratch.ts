import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { afterAll } from "vitest";

export type Scratch = {
  /** Writes a file of its own; returns the path. */
  readonly write: (content: string | Uint8Array) => Promise<string>;
  /** A path that nothing stands at. */
  readonly path: () => Promise<string>;
};

/** A temporary directory that is removed after the file's tests. */
export function scratch(): Scratch {
  const root = mkdtemp(join(tmpdir(), "attest-test-"));
  let count = 0;
  const path = async () => join(await root, `file-${(count += 1)}`);
  afterAll(async () => rm(await root, { recursive: true, force: true }));
  return {
    path,
    write: async (content) => {
      const at = await path();
      await writeFile(at, content);
      return at;
    },
  };
}
