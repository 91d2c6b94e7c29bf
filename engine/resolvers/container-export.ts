/** Container fields that give an image away: as a file, to the caller's disk, to a registry. */
import { dirname, resolve } from "node:path";

import { parseImageReference } from "../../src/subjects/reference.js";
import { type AssembledImage, type ImageForm, assembleImage } from "../container/assemble.js";
import { imageArchive, pushImage } from "../container/export.js";
import type { ContainerValue } from "../container/types.js";
import type { Args } from "../graph/args.js";
import { EngineError } from "../graph/error.js";
import { fieldsOf } from "../graph/fields.js";
import type { Resolvers } from "../graph/types.js";
import type { EngineServices } from "../services.js";
import { exportFile } from "../tree/checkout.js";
import { makeUserDirectory } from "../tree/make-user-directory.js";
import type { FileValue } from "../tree/types.js";
import { exportTarget } from "./exports.js";
import { expandPath } from "./paths.js";
import { containerOf, isContainer } from "./values.js";

async function imageOfArguments(
  services: EngineServices,
  self: ContainerValue,
  args: Args,
): Promise<AssembledImage> {
  const variants = await Promise.all(args.refs("platformVariants").map(containerOf));
  return assembleImage(services, [self, ...variants], formOf(args));
}

/** Without `forcedCompression` layers are gzipped, as Dagger does with layers that are not compressed yet. */
function formOf(args: Args): ImageForm {
  const asked = args.optionalText("forcedCompression")?.toUpperCase() ?? "GZIP";
  const mediaTypes = args.text("mediaTypes").toUpperCase().startsWith("DOCKER") ? "docker" : "oci";
  switch (asked) {
    case "GZIP":
      return { compression: "gzip", mediaTypes };
    case "UNCOMPRESSED":
      return { compression: "none", mediaTypes };
    case "ZSTD":
      if (mediaTypes === "oci") return { compression: "zstd", mediaTypes };
  }
  throw new EngineError(
    `forcedCompression ${asked} with ${mediaTypes} media types is not in the local engine; run with Dagger`,
  );
}

export const containerExportResolvers: Resolvers = fieldsOf("Container", isContainer, {
  asTarball: async (self, args, { services }): Promise<FileValue> => {
    const entry = await imageArchive(services, await imageOfArguments(services, self, args));
    return { kind: "file", entry, name: "image.tar" };
  },
  export: async (self, args, { services, client }) => {
    const asked = expandPath(self, args);
    const target = resolve(client.workdir, asked);
    const entry = await imageArchive(services, await imageOfArguments(services, self, args));
    await services.report.during(`export ${asked}`, async () => {
      await makeUserDirectory(dirname(target));
      await exportFile(services.store, entry, target);
    });
    return exportTarget(client, target, asked);
  },
  publish: async (self, args, { services }) => {
    const address = args.text("address");
    const target = parseImageReference(address);
    if (target.digest !== undefined)
      throw new EngineError(
        `publish to ${address}: a name and a tag expected, the digest comes of the image`,
      );
    const tag = target.tag ?? "latest";
    const image = await imageOfArguments(services, self, args);
    await services.report.during(`publish ${address}`, () => pushImage(services, image, target, tag));
    return `${target.name}:${tag}@${image.root.descriptor.digest}`;
  },
});
