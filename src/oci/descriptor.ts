import { AttestError, formatProblem, type Problem } from "../error.js";
import { describeValue, isObject, membersOf } from "../statement/json-value.js";
import { isDigest } from "./digest.js";

/**
 * Names content by digest, size and media type.
 * https://github.com/opencontainers/image-spec/blob/v1.1.1/descriptor.md
 */
export type Descriptor = {
  readonly mediaType: string;
  /** As in `sha256:<hex>`. */
  readonly digest: string;
  readonly size: number;
  readonly artifactType?: string;
  readonly annotations?: Annotations;
  readonly platform?: Platform;
  /** Where content lies that registries don't distribute. */
  readonly urls?: readonly string[];
  /** The content itself in base64, which whoever wrote the descriptor says it is. */
  readonly data?: string;
};

export type Annotations = Readonly<Record<string, string>>;

/** The same text for the same annotations, in whatever order they were written. */
export function annotationsText(annotations: Annotations): string {
  return JSON.stringify(Object.entries(annotations).sort());
}

export type Platform = {
  readonly os: string;
  readonly architecture: string;
  readonly variant?: string;
  /** Of Windows, whose images are made for each of its versions. */
  readonly "os.version"?: string;
};

/** As in `linux/arm64/v8`, and with a version as in `windows/amd64:10.0.20348.1`, the way crane writes it. */
export function platformName({ os, architecture, variant, "os.version": version }: Platform): string {
  const name = [os, architecture, ...(variant === undefined ? [] : [variant])].join("/");
  return version === undefined ? name : `${name}:${version}`;
}

/** The platform that such a name names. */
export function namedPlatform(name: string): Platform | undefined {
  const [, base = "", version] = /^([^:]*)(?::(.*))?$/.exec(name) ?? [];
  const [os, architecture, variant] = base.split("/");
  if (os === undefined || architecture === undefined) return undefined;
  return {
    architecture,
    os,
    ...(version === undefined ? {} : { "os.version": version }),
    ...(variant === undefined ? {} : { variant }),
  };
}

/** A descriptor without anything that only its place gives it. */
export function bareDescriptor({ mediaType, digest, size }: Descriptor): Descriptor {
  return { mediaType, digest, size };
}

/**
 * Checks one descriptor of a document.
 * @param path where it stands in the document
 * @throws AttestError IMAGE_INVALID with every problem
 */
export function readDescriptor(value: unknown, path: string, document: string): Descriptor {
  const problems: Problem[] = [];
  const descriptor = checkDescriptor(value, path, problems);
  if (descriptor !== undefined) return descriptor;
  throw new AttestError("IMAGE_INVALID", `${document} has a malformed descriptor`, {
    problems,
    next: "Push the image again with a tool that follows the OCI specification.",
  });
}

/** An entry of a list that is no descriptor. */
export type MalformedEntry = {
  /** Where it stands in its document, as in `manifests[3]`. */
  readonly path: string;
  readonly problems: readonly Problem[];
  /** Its digest, where that is one. */
  readonly digest?: string;
  readonly annotations: Annotations;
};

/** What is wrong with an entry, and where, on one line. */
export function reasonOfEntry({ problems }: MalformedEntry): string {
  return `IMAGE_INVALID: malformed entry: ${problems.map(formatProblem).join("; ")}`;
}

/** Reads one entry of a list: what is wrong with one says nothing of the others. */
export function readEntry(value: unknown, path: string): Descriptor | MalformedEntry {
  const problems: Problem[] = [];
  const descriptor = checkDescriptor(value, path, problems);
  if (descriptor !== undefined) return descriptor;
  const { digest, annotations } = membersOf(value);
  return { path, problems, annotations: textsIn(annotations), ...(isDigest(digest) ? { digest } : {}) };
}

function checkDescriptor(value: unknown, path: string, problems: Problem[]): Descriptor | undefined {
  if (!isObject(value)) {
    problems.push({ path, expected: "a descriptor", got: describeValue(value) });
    return undefined;
  }
  const { mediaType, digest, size, artifactType, platform, annotations, urls, data } = value;
  const wrong = (field: string, expected: string, got: unknown) =>
    problems.push({ path: `${path}.${field}`, expected, got: describeValue(got) });
  if (typeof mediaType !== "string") wrong("mediaType", "a media type", mediaType);
  if (!isDigest(digest)) wrong("digest", "sha256:<64 lower-case hex characters>", digest);
  if (!isSize(size)) wrong("size", "a number of bytes", size);
  if (typeof mediaType !== "string" || !isDigest(digest) || !isSize(size)) return undefined;
  return {
    mediaType,
    digest,
    size,
    ...(typeof artifactType === "string" ? { artifactType } : {}),
    ...(annotations === undefined ? {} : { annotations: textsIn(annotations) }),
    ...platformIn(platform),
    ...(typeof data === "string" ? { data } : {}),
    ...(Array.isArray(urls) ? { urls: urls.filter((url) => typeof url === "string") } : {}),
  };
}

function isSize(value: unknown): value is number {
  return typeof value === "number" && Number.isSafeInteger(value) && value >= 0;
}

/** The members that are text: annotations hold nothing else. */
export function textsIn(value: unknown): Annotations {
  if (!isObject(value)) return {};
  const entries = Object.entries(value);
  return Object.fromEntries(
    entries.filter((entry): entry is [string, string] => typeof entry[1] === "string"),
  );
}

/** The platform of a descriptor or of an image configuration; both have the same fields. */
export function platformIn(value: unknown): { readonly platform?: Platform } {
  if (!isObject(value)) return {};
  const { os, architecture, variant, "os.version": version } = value;
  if (typeof os !== "string" || typeof architecture !== "string") return {};
  // What fits everything, and what nobody filled in, says nothing.
  if (os === "" || architecture === "") return {};
  const given = (name: string, text: unknown) =>
    typeof text === "string" && text !== "" ? { [name]: text } : {};
  return {
    platform: { os, architecture, ...given("variant", variant), ...given("os.version", version) },
  };
}
