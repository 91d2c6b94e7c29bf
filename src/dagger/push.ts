/** Two ways to push what `publish` has made: by the engine, or by the client that attaches things afterwards. */
import { dag, type Container } from "@dagger.io/dagger";

import { copyImage } from "../oci/copy/copy.js";
import { openLayout } from "../oci/layout/open.js";
import { pushError } from "../oci/push-error.js";
import type { ContentStore } from "../oci/store.js";
import { systemTiming } from "../oci/timing.js";
import { extractLayout } from "../sbom/layout.js";
import { parseImageReference, type ImageReference } from "../subjects/reference.js";
import { scratchDirectory } from "./files.js";
import type { Asking, RegistryArguments } from "./registry.js";

export type PushedContainer = {
  readonly container: Container;
  readonly platformVariants: Container[];
  readonly reach: RegistryArguments;
};

/**
 * Whether the engine can push there with what was given. It takes no certificate authority and no token without a
 * name, and it alone decides where it speaks plain http: to services always, else as it was configured.
 */
export function engineReaches(
  { ca, plainHttp, registryService }: RegistryArguments,
  { credentials }: Asking,
): boolean {
  const isPlain = plainHttp && !registryService;
  return !ca && !isPlain && (credentials === undefined || credentials.kind === "password");
}

/** Pushes by the engine, which has the layers already; returns the digest that it reports. */
export async function pushByEngine(
  { container, platformVariants, reach: { registryService } }: PushedContainer,
  target: ImageReference,
  tag: string,
  asking: Asking,
): Promise<string> {
  const options = {
    ...(platformVariants.length === 0 ? {} : { platformVariants: [...platformVariants] }),
    ...(registryService ? { registryService } : {}),
  };
  const reference = await withAccess(container, target.registry, asking)
    .publish(`${target.name}:${tag}`, options)
    .catch(async (error: unknown) => {
      throw pushError(error, target, await registryService?.endpoint().catch(() => undefined));
    });
  return parseImageReference(reference).digest ?? "";
}

/** Pushes the archive that the digest was computed from; returns the digest that the registry has now. */
export async function pushExported(
  archive: string,
  digest: string,
  to: ContentStore,
  tag: string,
): Promise<string> {
  const timing = systemTiming();
  const directory = await scratchDirectory();
  await extractLayout(archive, directory);
  const from = await openLayout(directory, { timing, name: "the exported image" });
  const copied = await copyImage(from, digest, to, {
    timing,
    tags: [tag],
    directory: await scratchDirectory(),
  });
  return copied.image.digest;
}

function withAccess(container: Container, registry: string, { credentials, secret }: Asking): Container {
  if (credentials?.kind !== "password") return container;
  const { username, password } = credentials;
  return container.withRegistryAuth(
    registry,
    username,
    secret ?? dag.setSecret(`attest-registry-${registry}`, password),
  );
}
