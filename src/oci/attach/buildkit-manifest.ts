/** The manifest that holds the attestations of one platform in BuildKit's layouts. */
import { rawMembers } from "../../json/raw.js";
import { bytesSource, type ByteSource } from "../../signing/source.js";
import type { AttestationContent } from "../content.js";
import type { Descriptor } from "../descriptor.js";
import { digestOf } from "../digest.js";
import type { PlatformManifest, ResolvedImage } from "../image.js";
import { spelt, withList, writtenEntries, type WrittenEntry } from "../list-text.js";
import { documentOf, type StoredManifest } from "../manifest.js";
import { buildkitAttestation, inTotoStatement, ociConfig, ociEmpty, ociManifest } from "../media-types.js";
import type { ContentStore, NewManifest } from "../store.js";
import { passMalformed } from "../verified.js";
import { emptyConfig, emptyConfigBytes } from "./bundle-manifest.js";

/** `artifact`: BuildKit since v0.32. `image`: what older versions write and read. */
export type BuildkitForm = "artifact" | "image";

/** A platform's attestations, old and new. */
export type AddedManifest = {
  /** Digest of the platform's manifest. */
  readonly platform: string;
  readonly manifest: NewManifest;
  /** Digests of the manifests whose attestations are all in this one. */
  readonly replaces: readonly string[];
};

/** The platform's attestations with the new ones among them; undefined when they are there already. */
export async function attestationManifest(
  store: ContentStore,
  image: ResolvedImage,
  platform: PlatformManifest,
  statements: readonly AttestationContent[],
  form: BuildkitForm,
): Promise<AddedManifest | undefined> {
  const { mediaType, digest, size } = platform.descriptor;
  const present = await presentManifests(store, image, digest);
  const known = new Set(present.flatMap(layersOf).map((layer) => layer.digest));
  const replaced = present.filter(isPlain);
  const layers = replaced.flatMap(({ bytes }) => writtenEntries(bytes, "layers"));
  const before = layers.length;
  for (const { statement, statementSha256, header } of statements) {
    const layer = { mediaType: inTotoStatement, digest: `sha256:${statementSha256}`, size: statement.size };
    if (known.has(layer.digest)) continue;
    known.add(layer.digest);
    await store.pushBlob(layer, statement);
    layers.push(ownEntry({ ...layer, annotations: { "in-toto.io/predicate-type": header.predicateType } }));
  }
  if (layers.length === before) return undefined;
  const config = await pushConfig(store, layers, form);
  const members = {
    schemaVersion: 2,
    mediaType: ociManifest,
    ...(form === "artifact" ? { artifactType: buildkitAttestation } : {}),
    config,
    layers: [],
    ...(form === "artifact" ? { subject: { mediaType, digest, size } } : {}),
  };
  const bytes = withList([], "layers", layers, members, "indented");
  const replaces = replaced.map(({ descriptor }) => descriptor.digest);
  return { platform: digest, manifest: documentOf(bytes, ociManifest), replaces };
}

/** The manifests with a platform's attestations that are there and can be read. */
async function presentManifests(
  store: ContentStore,
  { inline }: ResolvedImage,
  platform: string,
): Promise<StoredManifest[]> {
  const found: StoredManifest[] = [];
  for (const { subject, descriptor } of inline) {
    if (subject !== platform) continue;
    const stored = await store.fetchManifest(descriptor.digest).catch(passMalformed);
    if (stored !== undefined) found.push(stored);
  }
  return found;
}

function layersOf({ content }: StoredManifest): readonly Descriptor[] {
  return content.kind === "manifest" ? content.layers : [];
}

const plainMembers = ["schemaVersion", "mediaType", "artifactType", "config", "layers", "subject"];

/** It says nothing but what its layers say: they can move into another one. Any other stays beside the new one. */
function isPlain({ bytes, content }: StoredManifest): boolean {
  const isKnown = rawMembers(bytes).every(({ name }) => plainMembers.includes(name));
  return isKnown && content.kind === "manifest" && content.malformed.length === 0;
}

async function pushConfig(store: ContentStore, layers: readonly WrittenEntry[], form: BuildkitForm) {
  const rootfs = { type: "layers", diff_ids: layers.map(({ descriptor }) => descriptor?.digest) };
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

/** BuildKit writes with two spaces: the same attestations give the same digests. */
export function ownEntry(descriptor: Descriptor): WrittenEntry {
  return { text: spelt(descriptor, "indented", "    "), descriptor };
}
