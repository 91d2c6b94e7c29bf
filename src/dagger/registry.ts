/** From arguments about a registry to a repository that can be read and written. */
import { readFile } from "node:fs/promises";

import type { File, Secret, Service } from "@dagger.io/dagger";

import { AttestError } from "../error.js";
import { dockerCredentials, type Credentials } from "../oci/registry/credentials.js";
import { openRegistry } from "../oci/registry/open.js";
import { proxiesIn } from "../oci/registry/proxy.js";
import { serviceFailed } from "../oci/push-error.js";
import type { ContentStore } from "../oci/store.js";
import { systemTiming } from "../oci/timing.js";
import { parseImageReference, type ImageReference } from "../subjects/reference.js";
import { localFile } from "./files.js";

/** How to reach a registry and prove who asks. An argument that was not given may be null. */
export type RegistryArguments = {
  readonly username?: string | null | undefined;
  readonly password?: Secret | null | undefined;
  readonly dockerConfig?: Secret | null | undefined;
  readonly ca?: File | null | undefined;
  readonly plainHttp: boolean;
  readonly registryService?: Service | null | undefined;
  /** Another repository that keeps what is attached to images of this one. */
  readonly attestationRepository?: string | null | undefined;
};

/**
 * The repository for what is attached, where that is another one than the image's.
 * @param registry of the image; undefined for a layout. Another registry gets nothing that was said of this one: no
 * password, no service, no plain http
 */
export async function openApart(
  registry: string | undefined,
  given: RegistryArguments,
): Promise<ContentStore | undefined> {
  const { attestationRepository, dockerConfig, ca } = given;
  if (!attestationRepository) return undefined;
  const reference = parseImageReference(attestationRepository);
  if (reference.tag !== undefined || reference.digest !== undefined) {
    throw new AttestError("ARGUMENT_INVALID", "attestations are kept in a repository", {
      problems: [
        { path: "attestationRepository", expected: "registry/repository", got: attestationRepository },
      ],
      next: "Leave tag and digest out: they come of the image.",
    });
  }
  const isSame = reference.registry === registry;
  return openRepository(reference, isSame ? given : { dockerConfig, ca, plainHttp: false });
}

/** Who asks, for one repository. */
export type RegistryAccess = {
  readonly credentials?: Credentials;
  /** The secret that was given, where it is the password to the letter. */
  readonly secret?: Secret;
};

export async function openRepository(
  reference: Pick<ImageReference, "registry" | "repository">,
  given: RegistryArguments,
  access?: RegistryAccess,
): Promise<ContentStore> {
  const { credentials } = access ?? (await accessTo(reference, given));
  const ca = given.ca ? await readFile(await localFile(given.ca), "utf8") : undefined;
  const via = given.registryService
    ? await reachService(given.registryService, reference.registry)
    : undefined;
  // A service has no certificate for the name that it has for one run, unless somebody made an authority.
  const isPlain = given.plainHttp || (via !== undefined && ca === undefined);
  // A service is within the session; no proxy knows its name.
  const proxies = via === undefined ? proxiesIn(process.env) : undefined;
  return openRegistry(reference, {
    timing: systemTiming(),
    ...(proxies === undefined ? {} : { proxies }),
    protocol: isPlain ? "http" : "auto",
    ...(credentials === undefined ? {} : { credentials }),
    ...(ca === undefined ? {} : { ca }),
    ...(via === undefined ? {} : { via }),
  });
}

/** Started for this function, the service is reached at an address of its own, which nobody else knows. */
async function reachService(service: Service, registry: string): Promise<string> {
  try {
    await service.start();
    return await service.endpoint();
  } catch (cause) {
    throw serviceFailed(registry, cause);
  }
}

/** A user name and password, else what Docker's configuration has for the registry, else none. */
export async function accessTo(
  { registry, repository }: Pick<ImageReference, "registry" | "repository">,
  { username, password, dockerConfig }: RegistryArguments,
): Promise<RegistryAccess> {
  if (Boolean(username) !== Boolean(password)) {
    throw new AttestError("ARGUMENT_INVALID", "half of the registry's credentials is missing", {
      problems: [
        { path: "", expected: "username and password", got: username ? "username alone" : "password alone" },
      ],
      next: "Give both, or a docker configuration file that has both.",
    });
  }
  if (username && password) {
    const text = await password.plaintext();
    // A file ends in a line break, and so does what `echo` gives: Docker's own --password-stdin takes it off too.
    const credentials = { kind: "password" as const, username, password: text.replace(/[\r\n]+$/, "") };
    return credentials.password === text ? { credentials, secret: password } : { credentials };
  }
  if (!dockerConfig) return {};
  const credentials = dockerCredentials(await dockerConfig.plaintext(), registry, repository);
  return credentials === undefined ? {} : { credentials };
}
