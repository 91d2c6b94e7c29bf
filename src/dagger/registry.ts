/** From arguments about a registry to a repository that can be read and written. */
import { readFile } from "node:fs/promises";

import type { File, Secret, Service } from "@dagger.io/dagger";

import { AttestError } from "../error.js";
import { dockerCredentials, type Credentials } from "../oci/registry/credentials.js";
import { openRegistry, type RegistryOptions } from "../oci/registry/open.js";
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

/** A repository, and the one that keeps what is attached to its images where that is another one. */
export type Repositories = { readonly store: ContentStore; readonly apart: ContentStore | undefined };

/**
 * Opens a repository and, where one is named, that for what is attached. The service is started once for both, and secrets
 * and files are read once.
 */
export async function openRepositories(
  reference: RepositoryName,
  given: RegistryArguments,
  access?: RegistryAccess,
): Promise<Repositories> {
  const kept = apartReference(given);
  const way = await wayTo(reference.registry, given);
  const known = access ?? (await readAccess(given));
  const store = await openBy(reference, way, known);
  if (kept === undefined) return { store, apart: undefined };
  const isSame = kept.registry === reference.registry;
  return { store, apart: isSame ? await openBy(kept, way, known) : await openElsewhere(kept, given) };
}

/** The repository for what is attached to an image that lies in no registry. */
export async function openApart(given: RegistryArguments): Promise<ContentStore | undefined> {
  const kept = apartReference(given);
  return kept && openElsewhere(kept, given);
}

type RepositoryName = Pick<ImageReference, "registry" | "repository">;

function apartReference({ attestationRepository }: RegistryArguments): RepositoryName | undefined {
  if (!attestationRepository) return undefined;
  const reference = parseImageReference(attestationRepository);
  if (reference.tag === undefined && reference.digest === undefined) return reference;
  throw new AttestError("ARGUMENT_INVALID", "attestations are kept in a repository", {
    problems: [
      { path: "attestationRepository", expected: "registry/repository", got: attestationRepository },
    ],
    next: "Leave tag and digest out: they come of the image.",
  });
}

/** Another registry gets nothing that was said of the image's: no password, no service, no plain http. */
async function openElsewhere(
  reference: RepositoryName,
  { dockerConfig, ca }: RegistryArguments,
): Promise<ContentStore> {
  const given = { dockerConfig, ca, plainHttp: false };
  return openBy(reference, await wayTo(reference.registry, given), await readAccess(given));
}

/** How requests get to a registry. */
type Way = Omit<RegistryOptions, "credentials">;

async function wayTo(registry: string, given: RegistryArguments): Promise<Way> {
  const ca = given.ca ? await readFile(await localFile(given.ca), "utf8") : undefined;
  const via = given.registryService ? await reachService(given.registryService, registry) : undefined;
  // A service has no certificate for the name that it has for one run, unless somebody made an authority.
  const isPlain = given.plainHttp || (via !== undefined && ca === undefined);
  // A service is within the session; no proxy knows its name.
  const proxies = via === undefined ? proxiesIn(process.env) : undefined;
  return {
    timing: systemTiming(),
    ...(proxies === undefined ? {} : { proxies }),
    protocol: isPlain ? "http" : "auto",
    ...(ca === undefined ? {} : { ca }),
    ...(via === undefined ? {} : { via }),
  };
}

async function openBy(reference: RepositoryName, way: Way, access: RegistryAccess): Promise<ContentStore> {
  const { credentials } = access(reference);
  return openRegistry(reference, { ...way, ...(credentials === undefined ? {} : { credentials }) });
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

/** Who asks, for one repository. */
export type Asking = {
  readonly credentials?: Credentials;
  /** The secret that was given, where it is the password to the letter. */
  readonly secret?: Secret;
};

/** What the secrets that were read say of a repository. */
export type RegistryAccess = (reference: RepositoryName) => Asking;

/** Reads a user name and password, else Docker's configuration, which has credentials by registry and repository. */
export async function readAccess({
  username,
  password,
  dockerConfig,
}: RegistryArguments): Promise<RegistryAccess> {
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
    const asking = credentials.password === text ? { credentials, secret: password } : { credentials };
    return () => asking;
  }
  const config = await dockerConfig?.plaintext();
  return ({ registry, repository }) => {
    const credentials = config === undefined ? undefined : dockerCredentials(config, registry, repository);
    return credentials === undefined ? {} : { credentials };
  };
}
