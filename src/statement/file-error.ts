/** What the system says of a file that can't be read or written, as an error with a code. */
import { AttestError, errorCode } from "../error.js";

/** What it says of files and never of connections, with what helps. */
const nextSteps: ReadonlyMap<string, string> = new Map([
  ["ENOSPC", "Make room on the disk, or use another one, and try again; what was written in part is gone."],
  ["EDQUOT", "Raise the quota of whoever runs this, or use another disk, and try again."],
  ["EFBIG", "Raise the limit for the size of a file (ulimit -f), or use another disk."],
  ["EROFS", "Copy it to where it can be changed, and use the copy."],
  ["EACCES", "Give whoever runs this the permission, or use a copy of one's own."],
  ["EPERM", "Give whoever runs this the permission, or use a copy of one's own."],
  // Also what Node says when it can't make a directory on a read-only file system.
  ["ENOENT", "Check that the directory is there, and that it can be written to."],
  ["ENOTDIR", "Remove what is there in the place of a directory, or use another path."],
  ["EISDIR", "Remove the directory in the file's place, or use another path."],
  ["EEXIST", "Remove what is there in its place, or use another path."],
  ["ELOOP", "Replace the links that lead to each other by what they should name."],
  ["ENAMETOOLONG", "Use a shorter path."],
  ["EMFILE", "Raise the number of files that may be open at once (ulimit -n)."],
  ["ENFILE", "Raise the number of files that may be open at once on this machine."],
  ["EIO", "Check the disk: it can't be read or written there."],
]);

/**
 * FILE_FAILED for an error of the file system; any other stays what it is.
 * @param what can't be done, as in `can't write index.json`
 * @param where it can't; without it the path that the system names
 */
export function fileError(error: unknown, what: string, where?: string): unknown {
  const next = nextSteps.get(errorCode(error));
  if (next === undefined || !(error instanceof Error) || error instanceof AttestError) return error;
  const { path = "" } = error as { readonly path?: string };
  // Without the name that a file has until it is whole.
  const shown = path.replace(/\/\.partial-[^/]+/, "");
  return new AttestError("FILE_FAILED", what, {
    problems: [{ path: where ?? shown, expected: "the system to allow it", got: reasonIn(error) }],
    next,
    cause: error,
  });
}

/** Whether an error says that there is nothing at a path. */
export function isAbsent(error: unknown): boolean {
  return ["ENOENT", "ENOTDIR"].includes(errorCode(error));
}

/** As in `EROFS: read-only file system`: without the call and its paths. */
function reasonIn({ message }: Error): string {
  return /^[A-Z0-9]+: [^,]*/.exec(message)?.[0] ?? message;
}

/** Does something with files, and says in its error what could not be done. */
export async function withFiles<T>(what: string, work: () => Promise<T>, where?: string): Promise<T> {
  try {
    return await work();
  } catch (error) {
    throw fileError(error, what, where);
  }
}
