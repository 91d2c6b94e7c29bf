/**
 * Descriptors, manifests and indexes of OCI and Docker, read from blobs whose digest was checked.
 * https://github.com/opencontainers/image-spec/blob/main/descriptor.md
 */
import { AttestError, type Problem } from "../error.js";
import { parseJson } from "../json/parse.js";
import { describeValue, isObject } from "../statement/json-value.js";
import { blobDigest, type ImageSource } from "./image-source.js";

export type Descriptor = {
  readonly mediaType: string;
  /** As in `sha256:<hex>`. */
  readonly digest: string;
  readonly size: number;
  /** As in `linux/arm64/v8`; undefined when the descriptor does not say. */
  readonly platform?: string;
  /** BuildKit lists attestations among the manifests of an index. */
  readonly isAttestation: boolean;
};

export type Index = { readonly manifests: readonly Descriptor[] };
type JsonObject = Readonly<Record<string, unknown>>;

const indexTypes = [
  "application/vnd.oci.image.index.v1+json",
  "application/vnd.docker.distribution.manifest.list.v2+json",
];
const manifestTypes = [
  "application/vnd.oci.image.manifest.v1+json",
  "application/vnd.docker.distribution.manifest.v2+json",
];
const configTypes = [
  "application/vnd.oci.image.config.v1+json",
  "application/vnd.docker.container.image.v1+json",
];
const digestPattern = /^(?:(?<sha256>sha256:[0-9a-f]{64})|sha512:[0-9a-f]{128})$/;

export function isIndex({ mediaType }: Descriptor): boolean {
  return indexTypes.includes(mediaType);
}

/** The entry point of a layout. */
export async function readLayout(source: ImageSource): Promise<Index> {
  const version = parseDocument(await source.read("oci-layout"), "oci-layout")["imageLayoutVersion"];
  if (version !== "1.0.0") {
    refuse("oci-layout", [{ path: "imageLayoutVersion", expected: '"1.0.0"', got: describeValue(version) }]);
  }
  return readIndexDocument(parseDocument(await source.read("index.json"), "index.json"), "index.json");
}

/** The index that a descriptor names. */
export async function readIndex(source: ImageSource, descriptor: Descriptor): Promise<Index> {
  return readIndexDocument(await readBlob(source, descriptor), descriptor.digest);
}

/**
 * Checks the manifest that a descriptor names and returns its platform: the descriptor's, or else the
 * one of the image's configuration; "" when neither says.
 */
export async function readPlatform(source: ImageSource, descriptor: Descriptor): Promise<string> {
  const manifest = await readBlob(source, descriptor);
  if (!manifestTypes.includes(descriptor.mediaType)) {
    const expected = "the media type of an image manifest or index";
    refuse(descriptor.digest, [{ path: "mediaType", expected, got: describeValue(descriptor.mediaType) }]);
  }
  if (manifest["manifests"] !== undefined) {
    refuse(descriptor.digest, [{ path: "manifests", expected: "no index in a manifest", got: "one" }]);
  }
  const config = readDescriptor(manifest["config"], "config", descriptor.digest);
  if (descriptor.platform !== undefined || !configTypes.includes(config.mediaType)) {
    return descriptor.platform ?? "";
  }
  return platformOf(await readBlob(source, config)) ?? "";
}

/** The configuration (parsed JSON, its bytes checked) and the layers of an image, by its manifest. */
export async function readManifest(
  source: ImageSource,
  descriptor: Descriptor,
): Promise<{ readonly configuration: JsonObject; readonly layers: readonly Descriptor[] }> {
  const { config, layers } = await readBlob(source, descriptor);
  const items: readonly unknown[] = Array.isArray(layers) ? layers : [];
  return {
    configuration: await readBlob(source, readDescriptor(config, "config", descriptor.digest)),
    layers: items.map((item, at) => readDescriptor(item, `layers[${at}]`, descriptor.digest)),
  };
}

/** Whether the blob is there at all: an index may name platforms that were not exported. */
export async function hasBlob(source: ImageSource, { digest }: Descriptor): Promise<boolean> {
  return (await source.read(blobName(digest))) !== undefined;
}

function readIndexDocument(index: JsonObject, what: string): Index {
  const { manifests } = index;
  if (!Array.isArray(manifests)) {
    return refuse(what, [{ path: "manifests", expected: "an array", got: describeValue(manifests) }]);
  }
  if (index["layers"] !== undefined || index["config"] !== undefined) {
    refuse(what, [{ path: "layers", expected: "no manifest in an index", got: "one" }]);
  }
  const items: readonly unknown[] = manifests;
  return { manifests: items.map((item, at) => readDescriptor(item, `manifests[${at}]`, what)) };
}

function readDescriptor(value: unknown, path: string, what: string): Descriptor {
  if (!isObject(value)) return refuse(what, [{ path, expected: "a descriptor", got: describeValue(value) }]);
  const { mediaType, digest, size, platform, annotations } = value;
  const problems: Problem[] = [];
  const wrong = (field: string, expected: string, got: unknown) =>
    problems.push({ path: `${path}.${field}`, expected, got: describeValue(got) });
  const isDigest = typeof digest === "string" && digestPattern.test(digest);
  const isSize = typeof size === "number" && Number.isSafeInteger(size) && size >= 0;
  if (typeof mediaType !== "string") wrong("mediaType", "a media type", mediaType);
  if (!isDigest) wrong("digest", "sha256: and 64 lower-case hex characters (or sha512: and 128)", digest);
  if (!isSize) wrong("size", "a number of bytes", size);
  if (typeof mediaType !== "string" || !isDigest || !isSize) return refuse(what, problems);
  const name = isObject(platform) ? platformOf(platform) : undefined;
  const reference = isObject(annotations) ? annotations["vnd.docker.reference.type"] : undefined;
  return {
    mediaType,
    digest,
    size,
    ...(name === undefined ? {} : { platform: name }),
    isAttestation: reference === "attestation-manifest" || name === "unknown/unknown",
  };
}

/** Same fields in a descriptor's `platform` and in an image configuration. */
function platformOf({ os, architecture, variant }: JsonObject): string | undefined {
  if (typeof os !== "string" || typeof architecture !== "string") return undefined;
  return [os, architecture, ...(typeof variant === "string" && variant !== "" ? [variant] : [])].join("/");
}

/** A blob's document, after its bytes were checked against the descriptor. */
async function readBlob(source: ImageSource, descriptor: Descriptor): Promise<JsonObject> {
  const { digest, size, mediaType } = descriptor;
  const bytes = await source.read(blobName(digest));
  if (bytes === undefined) {
    return refuse(digest, [
      { path: blobName(digest), expected: `a JSON blob in the ${source.what}`, got: "none" },
    ]);
  }
  const found = blobDigest(digest.split(":")[0] ?? "", bytes);
  const problems = [
    ...(bytes.length === size ? [] : [{ path: "size", expected: `${size} bytes`, got: `${bytes.length}` }]),
    ...(found === digest ? [] : [{ path: "digest", expected: digest, got: found }]),
  ];
  if (problems.length > 0) refuse(digest, problems);
  const document = parseDocument(bytes, digest);
  const own = document["mediaType"];
  if (own !== undefined && own !== mediaType) {
    refuse(digest, [{ path: "mediaType", expected: describeValue(mediaType), got: describeValue(own) }]);
  }
  return document;
}

function blobName(digest: string): string {
  return `blobs/${digest.replace(":", "/")}`;
}

function parseDocument(bytes: Buffer | undefined, what: string): JsonObject {
  if (bytes === undefined) return refuse(what, [{ path: what, expected: "a JSON document", got: "none" }]);
  const document = parseJson(bytes, { what });
  if (isObject(document)) return document;
  return refuse(what, [{ path: "", expected: "an object", got: describeValue(document) }]);
}

function refuse(what: string, problems: readonly Problem[]): never {
  throw new AttestError("IMAGE_INVALID", `${what} of the image is not what the OCI specification says`, {
    problems,
    next: "Export the image again; the file is damaged or was changed.",
  });
}
