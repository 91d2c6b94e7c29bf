/**
 * Manifests and indexes of OCI and Docker.
 * https://github.com/opencontainers/image-spec/blob/v1.1.1/manifest.md
 * https://github.com/opencontainers/image-spec/blob/v1.1.1/image-index.md
 */
import { AttestError, type Problem } from "../error.js";
import { parseJson } from "../json/parse.js";
import { describeValue, isObject } from "../statement/json-value.js";
import {
  bareDescriptor,
  readDescriptor,
  readEntry,
  textsIn,
  type Annotations,
  type Descriptor,
  type MalformedEntry,
} from "./descriptor.js";
import { digestOf } from "./digest.js";
import type { OciLimits } from "./limits.js";
import { indexTypes, manifestTypes, ociArtifact, ociIndex, ociManifest } from "./media-types.js";

type Common = {
  readonly artifactType?: string;
  readonly annotations: Annotations;
  /** The manifest that this one refers to. */
  readonly subject?: Descriptor;
  /**
   * Entries of its list that are no descriptors. Others attach by writing into lists, so one bad entry must not hide
   * the rest; whoever needs all of them asks {@link assertWellFormed}.
   */
  readonly malformed: readonly MalformedEntry[];
};

export type ImageManifest = Common & {
  readonly kind: "manifest";
  /** None in a manifest of the early drafts of OCI 1.1. */
  readonly config?: Descriptor;
  readonly layers: readonly Descriptor[];
};

export type ImageIndex = Common & { readonly kind: "index"; readonly manifests: readonly Descriptor[] };

/** A manifest or index with the bytes that its digest is of. */
export type StoredManifest = {
  readonly descriptor: Descriptor;
  /** The digest that the registry announced with it, where it is another one: what other clients go by. */
  readonly announced?: string;
  readonly bytes: Uint8Array;
  readonly content: ImageManifest | ImageIndex;
};

/**
 * Reads a manifest or index whose digest was checked already, or will be taken from these bytes. A
 * document that could pass for both is refused: its reader and its verifier might see different things.
 * @param mediaType as announced; the document's own must agree. Empty: the document's own decides
 * @throws AttestError IMAGE_INVALID, JSON_INVALID or LIMIT_EXCEEDED
 */
export function readManifest(
  bytes: Uint8Array,
  mediaType: string,
  limits: OciLimits,
  what = "the manifest",
): ImageManifest | ImageIndex {
  const document = parseJson(bytes, { what });
  if (!isObject(document)) {
    return refuse(what, [{ path: "", expected: "a JSON object", got: describeValue(document) }]);
  }
  // Docker's first format: its digest is of a part of it alone.
  if (document["schemaVersion"] === 1) refuse(what, [{ path: "schemaVersion", expected: "2", got: "1" }]);
  const kind = kindOf(document, mediaType, what);
  const { artifactType, annotations, subject } = document;
  const common = {
    ...(typeof artifactType === "string" ? { artifactType } : {}),
    annotations: textsIn(annotations),
    ...(subject === undefined || subject === null
      ? {}
      : { subject: readDescriptor(subject, "subject", what) }),
  };
  if (kind === "index") {
    const { entries, malformed } = readList(document["manifests"], "manifests", what, limits);
    return { kind, ...common, manifests: entries, malformed };
  }
  if ((mediaType === "" ? document["mediaType"] : mediaType) === ociArtifact) {
    const { entries, malformed } = readList(document["blobs"] ?? null, "blobs", what, limits);
    return { kind, ...common, layers: entries, malformed };
  }
  const config = readDescriptor(document["config"], "config", what);
  const { entries, malformed } = readList(document["layers"], "layers", what, limits);
  return { kind, ...common, config, layers: entries, malformed };
}

/**
 * What an image is made of has to be known whole.
 * @param malformed entries of it that are no descriptors
 * @throws AttestError IMAGE_INVALID with every problem
 */
export function assertWellFormed(malformed: readonly MalformedEntry[], what: string): void {
  const problems = malformed.flatMap((entry) => entry.problems);
  if (problems.length > 0) refuse(what, problems);
}

/** The media type of a document that was announced without one. */
export function ownMediaType(bytes: Uint8Array, what = "the manifest"): string {
  const document = parseJson(bytes, { what });
  if (!isObject(document)) return "";
  const own = statedType(document);
  if (typeof own === "string") return own;
  return document["manifests"] === undefined ? ociManifest : ociIndex;
}

/** Programs in Go write an empty text for what nobody set. */
function statedType({ mediaType }: Readonly<Record<string, unknown>>): unknown {
  return mediaType === "" ? undefined : mediaType;
}

function kindOf(
  document: Readonly<Record<string, unknown>>,
  mediaType: string,
  what: string,
): "manifest" | "index" {
  const own = statedType(document);
  const problems: Problem[] = [];
  const type = mediaType === "" ? own : mediaType;
  if (own !== undefined && own !== type)
    problems.push({ path: "mediaType", expected: JSON.stringify(mediaType), got: describeValue(own) });
  const kind = kindOfType(type);
  if (kind === undefined)
    problems.push({ path: "mediaType", expected: "an image manifest or index", got: describeValue(type) });
  const [needed, foreign] = kind === "index" ? ["manifests", "layers"] : ["layers", "manifests"];
  if (document[foreign] !== undefined && document[foreign] !== null)
    problems.push({ path: foreign, expected: `none beside ${needed}`, got: "one" });
  return kind === undefined || problems.length > 0 ? refuse(what, problems) : kind;
}

function kindOfType(mediaType: unknown): "manifest" | "index" | undefined {
  if (typeof mediaType !== "string") return undefined;
  if (indexTypes.includes(mediaType)) return "index";
  return manifestTypes.includes(mediaType) ? "manifest" : undefined;
}

type List = { readonly entries: readonly Descriptor[]; readonly malformed: readonly MalformedEntry[] };

function readList(value: unknown, path: string, what: string, limits: OciLimits): List {
  // How Go writes an empty list that nobody made.
  if (value === null) return { entries: [], malformed: [] };
  if (!Array.isArray(value)) {
    return refuse(what, [{ path, expected: "an array", got: describeValue(value) }]);
  }
  const most = Math.max(limits.manifests, limits.referrers);
  if (value.length > most) {
    throw new AttestError("LIMIT_EXCEEDED", `${what} lists too much`, {
      problems: [{ path, expected: `at most ${most}`, got: `${value.length}` }],
    });
  }
  const entries: Descriptor[] = [];
  const malformed: MalformedEntry[] = [];
  for (const [at, item] of (value as readonly unknown[]).entries()) {
    const entry = readEntry(item, `${path}[${at}]`);
    if ("problems" in entry) malformed.push(entry);
    else entries.push(entry);
  }
  return { entries, malformed };
}

function refuse(what: string, problems: readonly Problem[]): never {
  throw new AttestError("IMAGE_INVALID", `${what} is not what the OCI specification says`, {
    problems,
    next: "Push the image again with a tool that follows the OCI specification.",
  });
}

/** A manifest or index as a document, ready to be stored: compact JSON, members in the order given. */
export function manifestDocument(
  document: Readonly<Record<string, unknown>> & { readonly mediaType: string },
): NewDocument {
  return documentOf(Buffer.from(JSON.stringify(document)), document.mediaType);
}

/** The bytes of a manifest or index, with the descriptor that is computed of them. */
export function documentOf(bytes: Uint8Array, mediaType: string): NewDocument {
  return { descriptor: { mediaType, digest: digestOf(bytes), size: bytes.length }, bytes };
}

/**
 * The descriptor by which a list of referrers names a manifest.
 * https://github.com/opencontainers/distribution-spec/blob/v1.1.1/spec.md#listing-referrers
 */
export function referrerDescriptor({ descriptor, content }: StoredManifest): Descriptor {
  const { artifactType, annotations } = content;
  const type = artifactType === undefined ? {} : { artifactType };
  return { ...bareDescriptor(descriptor), ...type, annotations };
}

type NewDocument = { readonly descriptor: Descriptor; readonly bytes: Uint8Array };
