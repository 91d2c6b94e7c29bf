/**
 * Attestations inside an image's index, as BuildKit writes them: bare statements, one manifest of them for
 * each platform. The digest of the index changes; those of its platforms do not.
 * https://github.com/moby/buildkit/blob/v0.32.2/docs/attestations/attestation-storage.md
 */
import { basename } from "node:path";

import { AttestError } from "../../error.js";
import { parseJson } from "../../json/parse.js";
import { bytesSource, fileSource, type ByteSource } from "../../signing/source.js";
import { isObject } from "../../statement/json-value.js";
import { isAbout, readBareContent, readSignedContent, type AttestationContent } from "../content.js";
import type { Descriptor, Platform } from "../descriptor.js";
import { digestOf } from "../digest.js";
import { resolveImage, type PlatformManifest, type ResolvedImage } from "../image.js";
import {
  buildkitAttestation,
  inTotoStatement,
  ociConfig,
  ociEmpty,
  ociIndex,
  ociManifest,
} from "../media-types.js";
import type { ContentStore, NewManifest } from "../store.js";
import { emptyConfig, emptyConfigBytes } from "./bundle-manifest.js";

/** `artifact`: BuildKit since v0.32. `image`: what older versions write and read. */
export type BuildkitForm = "artifact" | "image";

export type InlineOptions = {
  readonly form: BuildkitForm;
  /** What names the image afterwards; "" for nothing. */
  readonly tag: string;
};

/**
 * Writes statements, or those in bundles, into the image's index; of an image of one manifest an index is
 * made. What is there already stays. The signature of a bundle is not part of this layout.
 *
 * @returns the image's new index, or the old one when nothing had to be added
 * @throws AttestError ARGUMENT_INVALID, before anything is written, when one is about no platform of the image
 */
export async function attachInline(
  store: ContentStore,
  reference: string,
  paths: readonly string[],
  options: InlineOptions,
): Promise<Descriptor> {
  const image = await resolveImage(store, reference);
  const statements: AttestationContent[] = [];
  for (const path of paths) statements.push(await readStatementFile(path, image));
  const added = new Map<string, NewManifest>();
  for (const platform of image.platforms) {
    const { digest } = platform.descriptor;
    const about = statements.filter(({ header }) => isAbout(header, digest));
    const manifest = await attestationManifest(store, image, platform, about, options.form);
    if (manifest !== undefined) added.set(digest, manifest);
  }
  if (added.size === 0) return image.root.descriptor;
  for (const manifest of added.values()) await store.pushManifest(manifest);
  const index = indexWith(image, added);
  await store.pushManifest(index, options.tag === "" ? undefined : options.tag);
  if (options.tag === "") await store.announce([index.descriptor]);
  await store.retire(image.root.descriptor.digest);
  return index.descriptor;
}

async function readStatementFile(path: string, image: ResolvedImage): Promise<AttestationContent> {
  const source = await fileSource(path);
  const content = await readBareContent(source).catch(async (error: unknown) => {
    return readSignedContent(source).catch(() => {
      throw error;
    });
  });
  const digests = image.platforms.map(({ descriptor }) => descriptor.digest);
  if (digests.some((digest) => isAbout(content.header, digest))) return content;
  throw new AttestError("ARGUMENT_INVALID", `${basename(path)} is about no platform of the image`, {
    problems: [{ path: "subject", expected: `one of ${digests.join(", ")}`, got: "something else" }],
    next: "BuildKit's layout holds attestations of platforms; attach what is about an index as a referrer.",
  });
}

/** The platform's attestations with the new ones among them; undefined when they are there already. */
async function attestationManifest(
  store: ContentStore,
  image: ResolvedImage,
  platform: PlatformManifest,
  statements: readonly AttestationContent[],
  form: BuildkitForm,
): Promise<NewManifest | undefined> {
  const present = await presentLayers(store, image, platform.descriptor.digest);
  const known = new Set(present.map(({ digest }) => digest));
  const layers = [...present];
  for (const { statement, statementSha256, header } of statements) {
    const digest = `sha256:${statementSha256}`;
    if (known.has(digest)) continue;
    known.add(digest);
    const layer = { mediaType: inTotoStatement, digest, size: statement.size };
    await store.pushBlob(layer, statement);
    layers.push({ ...layer, annotations: { "in-toto.io/predicate-type": header.predicateType } });
  }
  if (layers.length === present.length) return undefined;
  const config = await pushConfig(store, layers, form);
  const { mediaType, digest, size } = platform.descriptor;
  return indented({
    schemaVersion: 2,
    mediaType: ociManifest,
    ...(form === "artifact" ? { artifactType: buildkitAttestation } : {}),
    config,
    layers: layers.map((one) => ({
      mediaType: one.mediaType,
      digest: one.digest,
      size: one.size,
      ...(one.annotations === undefined ? {} : { annotations: one.annotations }),
    })),
    ...(form === "artifact" ? { subject: { mediaType, digest, size } } : {}),
  });
}

async function presentLayers(
  store: ContentStore,
  { inline }: ResolvedImage,
  platform: string,
): Promise<readonly Descriptor[]> {
  const layers: Descriptor[] = [];
  for (const { subject, descriptor } of inline) {
    if (subject !== platform) continue;
    const stored = await store.fetchManifest(descriptor.digest);
    if (stored?.content.kind === "manifest") layers.push(...stored.content.layers);
  }
  return layers;
}

async function pushConfig(store: ContentStore, layers: readonly Descriptor[], form: BuildkitForm) {
  const rootfs = { type: "layers", diff_ids: layers.map(({ digest }) => digest) };
  const bytes =
    form === "artifact"
      ? emptyConfigBytes
      : Buffer.from(JSON.stringify({ architecture: "unknown", os: "unknown", config: {}, rootfs }));
  const mediaType = form === "artifact" ? ociEmpty : ociConfig;
  const descriptor = { mediaType, digest: digestOf(bytes), size: bytes.length };
  const source: ByteSource = bytesSource(bytes);
  await store.pushBlob(descriptor, source);
  return form === "artifact" ? { ...emptyConfig, data: bytes.toString("base64") } : descriptor;
}

const referenceType = "vnd.docker.reference.type";
const referenceDigest = "vnd.docker.reference.digest";

/** The index with new attestations in the place of those that they contain; all else stays as it was written. */
function indexWith({ root, platforms }: ResolvedImage, added: ReadonlyMap<string, NewManifest>): NewManifest {
  const document = root.content.kind === "index" ? parseJson(root.bytes, { what: "the index" }) : undefined;
  const members = isObject(document) ? document : { schemaVersion: 2, mediaType: ociIndex };
  const listed: readonly unknown[] = Array.isArray(members["manifests"])
    ? members["manifests"]
    : platforms.map(({ descriptor, platform }) => ({ ...bare(descriptor), ...platformMember(platform) }));
  const replaced = listed.filter((entry) => !added.has(referenceOf(entry) ?? ""));
  const manifests = [
    ...replaced,
    ...[...added].map(([platform, { descriptor }]) => ({
      ...bare(descriptor),
      annotations: { [referenceDigest]: platform, [referenceType]: "attestation-manifest" },
      platform: { architecture: "unknown", os: "unknown" },
    })),
  ];
  return indented({ ...members, manifests });
}

function referenceOf(entry: unknown): string | undefined {
  const annotations = isObject(entry) ? entry["annotations"] : undefined;
  if (!isObject(annotations) || annotations[referenceType] !== "attestation-manifest") return undefined;
  const digest = annotations[referenceDigest];
  return typeof digest === "string" ? digest : undefined;
}

function bare({ mediaType, digest, size }: Descriptor) {
  return { mediaType, digest, size };
}

function platformMember(name: string): { readonly platform?: Platform } {
  const [os, architecture, variant] = name.split("/");
  if (os === undefined || architecture === undefined) return {};
  return { platform: { architecture, os, ...(variant === undefined ? {} : { variant }) } };
}

/** BuildKit writes its manifests with two spaces: the same attestations give the same digests. */
function indented(document: Readonly<Record<string, unknown>>): NewManifest {
  const bytes = Buffer.from(JSON.stringify(document, undefined, 2));
  const mediaType = typeof document["mediaType"] === "string" ? document["mediaType"] : ociIndex;
  return { descriptor: { mediaType, digest: digestOf(bytes), size: bytes.length }, bytes };
}
