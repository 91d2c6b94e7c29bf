/** The variables of an exec. Values of secrets are never an argument, and never on a disk. */
import { readFileSync } from "node:fs";
import { copyFile } from "node:fs/promises";
import { join } from "node:path";

import type { Working } from "../buildah/buildah.js";
import { EngineError } from "../graph/error.js";
import type { EngineServices } from "../services.js";
import { mountMemory, mountMemoryAt, unmount } from "./mounts.js";
import type { ContainerValue } from "./types.js";

/** Names that would change how Buildah itself runs. */
const reserved =
  /^(PATH|HOME|TMPDIR|LD_.*|GO.*|BUILDAH_.*|STORAGE_.*|CONTAINERS_.*|REGISTRY_AUTH_FILE|XDG_.*)$/;

/**
 * Sets a working container's variables; returns arguments for `buildah run`. The call of `release` has to
 * come before the container is committed: it takes secrets, and all else that was set, back.
 */
export async function setVariables(
  services: EngineServices,
  working: Working,
  { config }: ContainerValue,
  inputs: { readonly secretEnv: readonly (readonly [string, string])[] },
): Promise<{ args: readonly string[]; readonly release: () => Promise<void> }> {
  const args = [...config.env].map(([name, value]) => `--env=${name}=${value}`);
  const removed = imageVariables(working).filter((name) => !config.env.has(name));
  if (removed.length === 0 && inputs.secretEnv.length === 0)
    return { args, release: () => Promise.resolve() };
  for (const [name] of inputs.secretEnv) {
    if (reserved.test(name))
      throw new EngineError(`a secret variable named ${name} is not in the local engine; run with Dagger`);
  }
  const kept = await mountMemory(services.store);
  try {
    await copyFile(join(working.state, stateFile), join(kept.place, stateFile));
    await mountMemoryAt(working.state);
    try {
      await copyFile(join(kept.place, stateFile), join(working.state, stateFile));
      await services.buildah.output(
        [
          "config",
          ...removed.map((name) => `--env=${name}-`),
          // Without a value it is taken from Buildah's own variables.
          ...inputs.secretEnv.map(([name]) => `--env=${name}`),
          working.name,
        ],
        { env: { ...services.env, ...Object.fromEntries(inputs.secretEnv) } },
      );
    } catch (error) {
      await unmount(working.state);
      throw error;
    }
  } finally {
    await kept.release();
  }
  return { args, release: () => unmount(working.state) };
}

const stateFile = "buildah.json";

/** Names of the variables that the image brings along. */
function imageVariables(working: Working): string[] {
  const state: unknown = JSON.parse(readFileSync(join(working.state, stateFile), "utf8"));
  const lines = field(field(field(state, "ociv1"), "config"), "Env");
  return Array.isArray(lines) ? lines.map((line) => String(line).split("=")[0] ?? "") : [];
}

function field(value: unknown, name: string): unknown {
  return typeof value === "object" && value !== null
    ? Object.entries(value).find(([key]) => key === name)?.[1]
    : undefined;
}
