/** The host, for the main client: directories and files are copied when they are asked for. */
import { basename, resolve } from "node:path";

import { fieldsOf, isKind } from "../graph/fields.js";
import type { Outcome, Resolvers } from "../graph/types.js";
import { EngineError } from "../graph/error.js";
import type { EngineServices } from "../services.js";
import { saveTree } from "../store/trees.js";
import { type IngestOptions, ingestDirectory, ingestFile } from "../tree/ingest.js";
import type { Selection } from "../tree/match.js";
import { openStatCache } from "../tree/stat-cache.js";
import type { DirectoryValue, FileValue } from "../tree/types.js";
import { refuseGitignore } from "./container-files.js";
import type { Args } from "../graph/args.js";

export async function hostDirectory(
  services: EngineServices,
  path: string,
  selection: Selection,
): Promise<{ value: DirectoryValue; digest: string }> {
  const root = resolve(services.workdir, path);
  return services.report.during(`directory ${path}`, async () => {
    const cache = await openStatCache(services.store, root, Date.now);
    const options: IngestOptions = { keepOwners: false, selection, cache };
    const tree = await ingestDirectory(services.store, root, options);
    await cache.save();
    return {
      value: { kind: "directory", tree, name: basename(root) || "/" },
      digest: await saveTree(services.store, tree),
    };
  });
}

export async function hostFile(
  services: EngineServices,
  path: string,
): Promise<{ value: FileValue; digest: string }> {
  const place = resolve(services.workdir, path);
  const entry = await ingestFile(services.store, place, { keepOwners: false });
  return { value: { kind: "file", entry, name: basename(place) }, digest: `sha256:${entry.sha256}` };
}

/** The recipe names the path; the digest of what was there goes with it. */
export function withContentDigest({ value, digest }: { value: unknown; digest: string }): Outcome {
  return { outcome: true, value, extraDigests: [{ digest, label: "content" }] };
}

export function selectionOf(args: Args): Selection {
  refuseGitignore(args.flag("gitignore"));
  return { include: args.texts("include"), exclude: args.texts("exclude") };
}

export function requireHost(main: boolean, what: string): void {
  if (!main) throw new EngineError(`a function has no host: ${what} is for the caller to give`);
}

export const hostResolvers: Resolvers = fieldsOf("Host", isKind<{ readonly kind: "host" }>("host"), {
  directory: {
    eager: true,
    resolve: async (_, args, { services, client }) => {
      requireHost(client.main, "host.directory");
      return withContentDigest(await hostDirectory(services, args.text("path"), selectionOf(args)));
    },
  },
  file: {
    eager: true,
    resolve: async (_, args, { services, client }) => {
      requireHost(client.main, "host.file");
      return withContentDigest(await hostFile(services, args.text("path")));
    },
  },
});
