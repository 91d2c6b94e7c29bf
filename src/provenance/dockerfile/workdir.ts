/** Where the commands of a stage start. */
import { posix } from "node:path";

/** The directory after a WORKDIR; undefined where it is not known. */
export function workdirAfter(before: string | undefined, path: string | undefined): string | undefined {
  if (path === undefined || path === "") return undefined;
  if (path.startsWith("/")) return posix.normalize(path);
  return before === undefined ? undefined : posix.join(before, path);
}
