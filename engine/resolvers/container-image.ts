/** Container fields that take images in: from a registry, from an archive. */
import { parseImageReference } from "../../src/subjects/reference.js";
import { loadImage } from "../container/image.js";
import { importArchive } from "../container/archive.js";
import { pullReference } from "../container/pull.js";
import { EngineError } from "../graph/error.js";
import { fieldsOf } from "../graph/fields.js";
import type { ContainerValue } from "../container/types.js";
import type { ObjectRef, Outcome, ResolverContext, Resolvers } from "../graph/types.js";
import type { EngineServices } from "../services.js";
import { once } from "../store/memo.js";
import { objectPath } from "../store/objects.js";
import { checkout } from "../tree/checkout.js";
import { directoryOf, fileOf, isContainer, later, secretOf } from "./values.js";

/** The image of a reference. Its recipe holds the digest that the reference meant. */
export async function fromReference(
  services: EngineServices,
  address: string,
  platform: string,
): Promise<Outcome> {
  const reference = parseImageReference(address);
  const pulled = await pullReference(services, reference, address, platform);
  const { container, digest } = await loadImage(services, pulled.image);
  const tag =
    reference.digest === undefined
      ? `:${reference.tag ?? "latest"}`
      : reference.tag === undefined
        ? ""
        : `:${reference.tag}`;
  const canonical = `${reference.name}${tag}@${reference.digest ?? digest}`;
  if (pulled.isStandIn) {
    // No registry said this digest: it must not look as if one had.
    const standIn = [{ name: "standIn", value: { kind: "string", value: digest } } as const];
    return { outcome: true, value: container, implicitInputs: standIn };
  }
  return { outcome: true, value: { ...container, imageRef: canonical }, args: { address: canonical } };
}

/** An image that is read when it is needed; the configuration comes with it, so all of it waits. */
export async function importedContainer(
  services: EngineServices,
  self: ContainerValue,
  archive: string,
  tag: string,
): Promise<ContainerValue> {
  const image = await importArchive(services, archive, tag, self.platform);
  return (await loadImage(services, image)).container;
}

/** Path of an archive; on the local engine it may be a directory with an OCI layout too. */
async function imageSource({ store }: EngineServices, source: ObjectRef): Promise<string> {
  if (source.type === "Directory") return checkout(store, (await directoryOf(source)).tree);
  return objectPath(store, (await fileOf(source)).entry.object);
}

const registryFields = {
  withRegistryAuth: (
    self: ContainerValue,
    host: string,
    username: string,
    password: () => Promise<string>,
    context: ResolverContext,
  ) => {
    context.services.credentials.set(host, { username, password });
    return self;
  },
};

export const containerImageResolvers: Resolvers = fieldsOf("Container", isContainer, {
  from: {
    eager: true,
    once: true,
    resolve: (self, args, { services }) => fromReference(services, args.text("address"), self.platform),
  },
  import: (self, args, context) =>
    context.recorded(async () => {
      const archive = await imageSource(context.services, args.ref("source"));
      return importedContainer(context.services, self, archive, args.text("tag"));
    }),
  imageRef: (self) => {
    if (self.imageRef === undefined) throw new EngineError("imageRef is known straight after `from` only");
    return self.imageRef;
  },
  withRegistryAuth: {
    eager: true,
    resolve: (self, args, context) => {
      const secret = later(secretOf, args.ref("secret"));
      const password = once(async () => (await secret()).plaintext());
      return registryFields.withRegistryAuth(
        self,
        registryHost(args.text("address")),
        args.text("username"),
        password,
        context,
      );
    },
  },
  withoutRegistryAuth: {
    eager: true,
    resolve: (self, args, { services }) => {
      services.credentials.delete(registryHost(args.text("address")));
      return self;
    },
  },
});

/** The address may be a registry or an image in it. */
function registryHost(address: string): string {
  const host = address.replace(/^https?:\/\//, "").split("/")[0] ?? address;
  return host.includes(".") || host.includes(":") || host === "localhost" ? host : "docker.io";
}
