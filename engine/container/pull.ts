/** Images out of registries, and what stands in where no registry answers. */
import { writeFile } from "node:fs/promises";
import { join } from "node:path";

import type { ImageReference } from "../../src/subjects/reference.js";
import { CommandError } from "../buildah/command.js";
import { EngineError } from "../graph/error.js";
import type { EngineServices } from "../services.js";
import { importArchive } from "./archive.js";
import { pullImage } from "./image.js";
import { mountMemory } from "./mounts.js";
import { registryHost, speaksPlainHttp } from "./registry.js";

const probeMs = 5_000;

/** Takes an image into the storage. A stand-in is taken only when the registry does not answer at all. */
export async function pullReference(
  services: EngineServices,
  reference: ImageReference,
  asked: string,
  platform: string,
): Promise<{ image: string; isStandIn: boolean }> {
  const isPlain = await speaksPlainHttp(reference.registry);
  const silence = await whySilent(reference.registry, isPlain);
  if (silence !== undefined) {
    const standIn = await services.standIn(asked);
    if (standIn === undefined) {
      throw new EngineError(
        `image ${asked}: the registry ${reference.registry} does not answer (${silence}). An image of this ` +
          "machine is given by its path: an OCI layout directory, an OCI archive, a docker-save archive",
      );
    }
    return { image: await importArchive(services, standIn.archive, "", platform), isStandIn: true };
  }
  const suffix = reference.digest === undefined ? `:${reference.tag ?? "latest"}` : `@${reference.digest}`;
  const policy = reference.digest === undefined ? "always" : "missing";
  const options = ["--platform", platform, "--policy", policy, "--retry", "1"];
  const image = await services.report.during(`pull ${asked}`, () =>
    withCredentials(services, reference.registry, async (authentication) => {
      try {
        const security = isPlain ? ["--tls-verify=false"] : [];
        return await pullImage(services, `docker://${reference.name}${suffix}`, [
          ...options,
          ...security,
          ...authentication,
        ]);
      } catch (error) {
        const reason = error instanceof CommandError ? error.output : String(error);
        throw new EngineError(`image ${asked}: ${reason}`, {}, error);
      }
    }),
  );
  return { image, isStandIn: false };
}

/** Buildah reads credentials from a file; it lies in memory for as long as it is needed. */
async function withCredentials<T>(
  services: EngineServices,
  registry: string,
  work: (options: readonly string[]) => Promise<T>,
): Promise<T> {
  const credentials = services.credentials.get(registry);
  if (credentials === undefined) return work([]);
  const memory = await mountMemory(services.store);
  try {
    const auth = Buffer.from(`${credentials.username}:${await credentials.password()}`).toString("base64");
    const file = join(memory.place, "auth.json");
    await writeFile(file, JSON.stringify({ auths: { [registry]: { auth } } }), { mode: 0o600 });
    return await work(["--authfile", file]);
  } finally {
    await memory.release();
  }
}

const proxies = ["https_proxy", "HTTPS_PROXY", "all_proxy", "ALL_PROXY"];

/** Why a registry can't be reached; undefined when it answers anything, or when only a proxy could tell. */
async function whySilent(registry: string, isPlain: boolean): Promise<string | undefined> {
  if (isPlain || proxies.some((name) => (process.env[name] ?? "") !== "")) return undefined;
  try {
    const url = `https://${registryHost(registry)}/v2/`;
    const response = await fetch(url, { signal: AbortSignal.timeout(probeMs), redirect: "manual" });
    await response.body?.cancel();
    return undefined;
  } catch (error) {
    const cause = error instanceof Error && error.cause instanceof Error ? error.cause : error;
    if (!(cause instanceof Error)) return String(cause);
    // A certificate that is not trusted here is an answer; what to make of it is for Buildah to say.
    if ("code" in cause && /CERT|TLS|SSL|VERIFY/.test(String(cause.code))) return undefined;
    return cause.message || cause.name;
  }
}
