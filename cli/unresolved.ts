/** What stands on a command line for a file or directory, and is none that can be read. */
import { kebabCase } from "../engine/module/names.js";
import { AttestError } from "../src/error.js";
import type { Step } from "./parse.js";
import { addressesIn, addressKey, type Address } from "./query.js";

const kinds: Readonly<Record<string, string>> = { Directory: "a directory", File: "a file" };

const reasons =
  /no such file or directory|not a directory|is a directory|is no regular file|permission denied|too many symbolic links|name too long/;

/** The engine's refusal in the words of the module's own errors; anything but a path stays as it is. */
export function unresolved(error: unknown, address: Address, steps: readonly Step[]): unknown {
  const kind = kinds[address.type];
  const reason = error instanceof Error ? reasons.exec(error.message)?.[0] : undefined;
  if (kind === undefined || reason === undefined) return error;
  const flag = flagOf(address, steps);
  return new AttestError("ARGUMENT_INVALID", `${flag}=${address.address} can't be read`, {
    problems: [{ path: flag, expected: kind, got: reason }],
    next: `${elsewhere(flag, reason, steps)}Check the path, whether it is a file or a directory, and who may read it.`,
    cause: error,
  });
}

/** Flags for the same thing as a directory, and packed into a file. */
const counterparts = [
  { Directory: "layout", File: "archive" },
  { Directory: "directory", File: "file" },
] as const;

/** Where the same function takes what stands there. */
function elsewhere(flag: string, reason: string, steps: readonly Step[]): string {
  const found = reason === "not a directory" ? "File" : reason === "is a directory" ? "Directory" : undefined;
  if (found === undefined) return "";
  const pair = counterparts.find((one) => Object.values(one).some((name) => flag === `--${name}`));
  const names = Object.values(pair ?? {});
  const takesBoth = steps.some((step) =>
    names.every((name) => step.function.arguments.some((one) => one.name === name)),
  );
  return pair === undefined || !takesBoth ? "" : `For ${kinds[found]} there is --${pair[found]}. `;
}

function flagOf(address: Address, steps: readonly Step[]): string {
  const key = addressKey(address);
  const given = steps.flatMap((step) => step.given);
  const found = given.find(({ value }) => addressesIn(value).some((one) => addressKey(one) === key));
  return `--${kebabCase(found?.name ?? "")}`;
}
