/** A root file system with a shell, made of this machine's own programs: containers run without any registry. */
import { execFile } from "node:child_process";
import { cp, mkdir, realpath } from "node:fs/promises";
import { dirname, join } from "node:path";
import { promisify } from "node:util";

const run = promisify(execFile);

/** Copies `sh` and the given programs (absolute paths) with their libraries into the directory. */
export async function shellRoot(
  directory: string,
  programs: readonly string[] = ["/bin/cat"],
): Promise<string> {
  for (const program of ["/bin/sh", ...programs]) {
    await copyInto(directory, program);
    const { stdout } = await run("ldd", [program]).catch(() => ({ stdout: "" }));
    for (const [library] of stdout.matchAll(/\/\S+(?= \(0x)/g)) await copyInto(directory, library);
  }
  await mkdir(join(directory, "tmp"), { recursive: true });
  return directory;
}

async function copyInto(directory: string, path: string): Promise<void> {
  const place = join(directory, path);
  await mkdir(dirname(place), { recursive: true });
  await cp(await realpath(path), place);
}
