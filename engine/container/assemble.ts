/**
 * Containers as images: configuration, manifest and, for several platforms, an index over the layers'
 * blobs. The same container gives the same bytes, so what is exported has the digest that is published.
 * https://github.com/opencontainers/image-spec/blob/v1.1.1/manifest.md
 */
import type { Descriptor } from "../../src/oci/descriptor.js";
import { digestOf } from "../../src/oci/digest.js";
import { dockerIndex, dockerManifest, ociConfig, ociIndex, ociManifest } from "../../src/oci/media-types.js";
import { EngineError } from "../graph/error.js";
import type { EngineServices } from "../services.js";
import { type Compression, type LayerBlob, layerBlobs } from "./blobs.js";
import { settledRoot } from "./layer.js";
import type { ContainerConfig, ContainerValue, HistoryEntry } from "./types.js";

export type ImageForm = { readonly compression: Compression; readonly mediaTypes: "oci" | "docker" };

/** A document of an image: a configuration, manifest or index. */
export type Document = { readonly descriptor: Descriptor; readonly bytes: Uint8Array };

export type AssembledManifest = {
  readonly manifest: Document;
  readonly config: Document;
  readonly layers: readonly Descriptor[];
};

export type AssembledImage = {
  /** What the image is named by: its manifest, or the index of several. */
  readonly root: Document;
  readonly manifests: readonly AssembledManifest[];
};

const created = "1970-01-01T00:00:00Z";

/** The image of one container, or of one for each platform. Containers without any files are left out. */
export async function assembleImage(
  services: EngineServices,
  containers: readonly ContainerValue[],
  form: ImageForm,
): Promise<AssembledImage> {
  const filled: ContainerValue[] = [];
  for (const container of containers) if (!(await isEmpty(container))) filled.push(container);
  refuseDoublePlatforms(filled);
  const manifests: AssembledManifest[] = [];
  for (const container of filled) manifests.push(await assembleManifest(services, container, form));
  const [first, ...others] = manifests;
  if (first === undefined) throw new EngineError("no image can be made: the container has no files");
  if (others.length === 0) return { root: first.manifest, manifests };
  const listed = manifests.map(({ manifest }, at) => ({
    ...manifest.descriptor,
    platform: platformOf(filled[at]?.platform ?? ""),
  }));
  const mediaType = form.mediaTypes === "oci" ? ociIndex : dockerIndex;
  return { root: document(mediaType, { schemaVersion: 2, mediaType, manifests: listed }), manifests };
}

async function isEmpty(container: ContainerValue): Promise<boolean> {
  const { image, changes } = await container.root();
  return image === undefined && changes.length === 0;
}

function refuseDoublePlatforms(containers: readonly ContainerValue[]): void {
  const platforms = containers.map(({ platform }) => platform);
  const double = platforms.find((platform, at) => platforms.indexOf(platform) !== at);
  if (double !== undefined)
    throw new EngineError(`platform ${double} is there twice: one variant for each expected`);
}

async function assembleManifest(
  services: EngineServices,
  container: ContainerValue,
  form: ImageForm,
): Promise<AssembledManifest> {
  const { image, history } = await settledRoot(services, await container.root());
  const blobs = await layerBlobs(services, image, form.compression);
  const isOci = form.mediaTypes === "oci";
  const config = document(isOci ? ociConfig : "application/vnd.docker.container.image.v1+json", {
    created,
    ...platformOf(container.platform),
    config: configOf(container.config),
    rootfs: { type: "layers", diff_ids: blobs.map(({ diffId }) => diffId) },
    history: historyOf(history, blobs),
  });
  const mediaType = isOci ? ociManifest : dockerManifest;
  const layers = blobs.map(({ digest, size }) => ({ mediaType: layerType(form), digest, size }));
  const annotations = sortedObject(container.config.annotations);
  const manifest = document(mediaType, {
    schemaVersion: 2,
    mediaType,
    config: config.descriptor,
    layers,
    ...(annotations === undefined ? {} : { annotations }),
  });
  return { manifest, config, layers };
}

function layerType({ compression, mediaTypes }: ImageForm): string {
  if (mediaTypes === "docker") {
    return `application/vnd.docker.image.rootfs.diff.tar${compression === "none" ? "" : `.${compression}`}`;
  }
  return `application/vnd.oci.image.layer.v1.tar${compression === "none" ? "" : `+${compression}`}`;
}

function document(mediaType: string, value: unknown): Document {
  const bytes = Buffer.from(JSON.stringify(value));
  return { descriptor: { mediaType, digest: digestOf(bytes), size: bytes.length }, bytes };
}

function platformOf(platform: string): { architecture: string; os: string; variant?: string } {
  const [os = "", architecture = "", variant] = platform.split("/");
  return { architecture, os, ...(variant === undefined ? {} : { variant }) };
}

/** A history with another number of layers than there are would be refused by those who read it. */
function historyOf(history: readonly HistoryEntry[], blobs: readonly LayerBlob[]): readonly unknown[] {
  const count = history.filter((entry) => entry.empty_layer !== true).length;
  const told = count === blobs.length ? history : blobs.map(() => ({ created_by: "layer" }));
  return told.map((entry) => ({ created, ...entry }));
}

function configOf(config: ContainerConfig): Readonly<Record<string, unknown>> {
  const ports = new Map(
    config.ports.map(({ port, protocol }) => [`${port}/${protocol.toLowerCase()}`, {}] as const),
  );
  const given = {
    User: config.user || undefined,
    ExposedPorts: sortedObject(ports),
    Env: listed([...config.env].map(([name, value]) => `${name}=${value}`)),
    Entrypoint: listed(config.entrypoint),
    Cmd: listed(config.args),
    WorkingDir: config.workdir || undefined,
    Labels: sortedObject(config.labels),
  };
  return { ...given, ...config.rest };
}

function listed(values: readonly string[]): readonly string[] | undefined {
  return values.length === 0 ? undefined : values;
}

function sortedObject<T>(map: ReadonlyMap<string, T>): Readonly<Record<string, T>> | undefined {
  if (map.size === 0) return undefined;
  return Object.fromEntries([...map].sort(([a], [b]) => (a < b ? -1 : a > b ? 1 : 0)));
}
