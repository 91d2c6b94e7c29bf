import { spawn } from "node:child_process";
import { truncate } from "node:fs/promises";
import { basename, dirname } from "node:path";

import { expect, test } from "vitest";

import { tarHeader } from "../../src/subjects/tar-header.js";
import { scratch } from "../support/scratch.js";

const files = scratch();

/** The first bytes that GNU tar writes for a file; it is stopped after them. */
async function gnuTarStart(path: string, length: number): Promise<Buffer> {
  const options =
    "--format=pax --pax-option=exthdr.name=%d/PaxHeaders/%f,delete=atime,delete=ctime --mtime=@0 --owner=0 " +
    "--group=0 --numeric-owner --mode=a=rX,u+w --no-recursion";
  const tar = spawn("tar", [
    "--create",
    ...options.split(" "),
    `--directory=${dirname(path)}`,
    basename(path),
  ]);
  const pieces: Buffer[] = [];
  for await (const piece of tar.stdout as AsyncIterable<Buffer>) {
    pieces.push(piece);
    if (Buffer.concat(pieces).length >= length) break;
  }
  tar.kill();
  return Buffer.concat(pieces).subarray(0, length);
}

test.each([8 * 1024 ** 3 - 1, 8 * 1024 ** 3, 9_663_676_416])(
  "a file of %d bytes, as GNU tar has it",
  async (size) => {
    const path = await files.write("");
    await truncate(path, size);
    const header = tarHeader({ kind: "file", path: basename(path), size, isExecutable: false });
    expect(header.equals(await gnuTarStart(path, header.length))).toBe(true);
  },
);
