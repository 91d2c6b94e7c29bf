/** What an honest registry answers: distribution-spec 1.1, kept in memory. */
import { createHash, randomUUID } from "node:crypto";

export type Asked = {
  readonly method: string;
  readonly url: URL;
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
  readonly body: Buffer;
};

export type Answer = {
  readonly status: number;
  readonly headers?: Readonly<Record<string, string>>;
  /** Pieces of the body; a bomb makes them while they are sent. */
  readonly body?: Uint8Array | Iterable<Uint8Array>;
  /** Bytes of the body after which the connection is reset. */
  readonly cut?: number;
};

export type CoreOptions = {
  /** Whether it has the referrers API. */
  readonly referrers?: boolean;
  /** Entries of one page of a list. */
  readonly page?: number;
};

type Manifest = { readonly bytes: Buffer; readonly type: string };
type Repository = {
  readonly blobs: Map<string, Buffer>;
  readonly manifests: Map<string, Manifest>;
  readonly tags: Map<string, string>;
};

export type RegistryCore = {
  answer(asked: Asked): Answer;
  /** What a request leaves behind whose connection broke within its body: as in distribution, a piece of an upload stays. */
  broken(asked: Asked): void;
  repository(name: string): Repository;
};

const ociIndex = "application/vnd.oci.image.index.v1+json";
const path = /^\/v2\/(.+?)\/(manifests|blobs\/uploads|blobs|referrers|tags)\/([^/]*)$/;

export function createCore({ referrers = true, page = 100 }: CoreOptions = {}): RegistryCore {
  const repositories = new Map<string, Repository>();
  const uploads = new Map<string, Buffer>();
  const repository = (name: string): Repository => {
    const made = repositories.get(name) ?? { blobs: new Map(), manifests: new Map(), tags: new Map() };
    repositories.set(name, made);
    return made;
  };

  function answer(asked: Asked): Answer {
    const [, name = "", kind = "", reference = ""] = path.exec(asked.url.pathname) ?? [];
    const found = repository(name);
    const part = decodeURIComponent(reference);
    switch (kind) {
      case "manifests":
        return asked.method === "PUT" ? putManifest(found, part, asked) : getManifest(found, part, asked);
      case "blobs":
        return getBlob(found, part, asked);
      case "blobs/uploads":
        return upload(name, found, part, asked);
      case "tags":
        return paged(asked, [...found.tags.keys()].sort(), (tags) => json({ name, tags }));
      case "referrers":
        return referrers ? listReferrers(found, part, asked) : missing("UNSUPPORTED");
      default:
        return asked.url.pathname === "/v2/" ? json({}) : missing("NOT_FOUND");
    }
  }

  function getManifest({ manifests, tags }: Repository, reference: string, { method }: Asked): Answer {
    const digest = tags.get(reference) ?? reference;
    const manifest = manifests.get(digest);
    if (manifest === undefined) return missing("MANIFEST_UNKNOWN");
    const headers = { "content-type": manifest.type, "docker-content-digest": digest };
    return whole(method, manifest.bytes, headers);
  }

  function putManifest(found: Repository, reference: string, { body, headers }: Asked): Answer {
    const isDigest = reference.includes(":");
    const digest = digestOf(body, isDigest ? reference.split(":")[0] : "sha256");
    if (isDigest && digest !== reference) return refused("DIGEST_INVALID");
    const { config, layers, subject } = JSON.parse(body.toString()) as Document;
    const needed = [...(config === undefined ? [] : [config]), ...(layers ?? [])];
    if (needed.some((one) => !found.blobs.has(one.digest))) return refused("MANIFEST_BLOB_UNKNOWN");
    found.manifests.set(digest, { bytes: body, type: String(headers["content-type"]) });
    if (!isDigest) found.tags.set(reference, digest);
    const about = referrers && subject !== undefined ? { "oci-subject": subject.digest } : {};
    return { status: 201, headers: { "docker-content-digest": digest, ...about } };
  }

  function getBlob({ blobs }: Repository, digest: string, { method, headers }: Asked): Answer {
    const blob = blobs.get(digest);
    if (blob === undefined) return missing("BLOB_UNKNOWN");
    const start = Number(/^bytes=(\d+)-$/.exec(String(headers["range"]))?.[1] ?? 0);
    if (start === 0) return whole(method, blob, { "content-type": "application/octet-stream" });
    const range = { "content-range": `bytes ${start}-${blob.length - 1}/${blob.length}` };
    return { status: 206, headers: range, body: blob.subarray(start) };
  }

  function upload(name: string, found: Repository, id: string, asked: Asked): Answer {
    const { method, url, body } = asked;
    const query = url.searchParams;
    if (method === "POST") {
      const from = repositories.get(query.get("from") ?? "")?.blobs.get(query.get("mount") ?? "");
      if (from !== undefined) return stored(found, query.get("mount") ?? "", from);
      const digest = query.get("digest");
      if (digest !== null) return stored(found, digest, body);
      const fresh = randomUUID();
      uploads.set(fresh, Buffer.alloc(0));
      return accepted(name, fresh, 0);
    }
    const before = uploads.get(id);
    if (before === undefined) return missing("BLOB_UPLOAD_UNKNOWN");
    if (method === "GET") return { ...accepted(name, id, before.length), status: 204 };
    const start = Number(/^(\d+)-/.exec(String(asked.headers["content-range"]))?.[1] ?? before.length);
    if (start !== before.length) return { ...accepted(name, id, before.length), status: 416 };
    const after = Buffer.concat([before, body]);
    uploads.set(id, after);
    if (method === "PATCH") return accepted(name, id, after.length);
    const answer = stored(found, query.get("digest") ?? "", after);
    if (answer.status === 201) uploads.delete(id);
    return answer;
  }

  function listReferrers({ manifests }: Repository, digest: string, asked: Asked): Answer {
    const all = [...manifests].flatMap(([own, { bytes, type }]) => {
      const { subject, artifactType, config, annotations } = JSON.parse(bytes.toString()) as Document;
      if (subject?.digest !== digest) return [];
      const shown = artifactType ?? config?.mediaType;
      return [{ mediaType: type, digest: own, size: bytes.length, artifactType: shown, annotations }];
    });
    return paged(asked, all, (list) => indexAnswer(list));
  }

  function paged<T>({ url }: Asked, all: readonly T[], show: (page: readonly T[]) => Answer): Answer {
    const start = Number(url.searchParams.get("last") ?? 0);
    const answer = show(all.slice(start, start + page));
    if (start + page >= all.length) return answer;
    const link = `<${url.pathname}?last=${start + page}>; rel="next"`;
    return { ...answer, headers: { ...answer.headers, link } };
  }

  return {
    answer,
    repository,
    broken: ({ method, url, body }) => {
      const id = path.exec(url.pathname)?.[3] ?? "";
      const before = uploads.get(id);
      if (before !== undefined && ["PATCH", "PUT"].includes(method))
        uploads.set(id, Buffer.concat([before, body]));
    },
  };
}

type Part = { readonly digest: string; readonly mediaType: string };
type Document = {
  readonly config?: Part;
  readonly layers?: readonly Part[] | null;
  readonly subject?: Part;
  readonly artifactType?: string;
  readonly annotations?: unknown;
};

export function digestOf(bytes: Uint8Array, algorithm = "sha256"): string {
  return `${algorithm}:${createHash(algorithm).update(bytes).digest("hex")}`;
}

function stored({ blobs }: Repository, digest: string, bytes: Buffer): Answer {
  if (digestOf(bytes) !== digest) return refused("DIGEST_INVALID");
  blobs.set(digest, bytes);
  return { status: 201, headers: { "docker-content-digest": digest } };
}

function accepted(name: string, id: string, size: number): Answer {
  const location = `/v2/${name}/blobs/uploads/${id}`;
  return { status: 202, headers: { location, range: `0-${Math.max(0, size - 1)}` } };
}

function whole(method: string, bytes: Buffer, headers: Readonly<Record<string, string>>): Answer {
  const sized = { ...headers, "content-length": `${bytes.length}` };
  return method === "HEAD" ? { status: 200, headers: sized } : { status: 200, headers: sized, body: bytes };
}

export function json(document: unknown, status = 200, type = "application/json"): Answer {
  return { status, headers: { "content-type": type }, body: Buffer.from(JSON.stringify(document)) };
}

export function indexAnswer(manifests: readonly unknown[]): Answer {
  return json({ schemaVersion: 2, mediaType: ociIndex, manifests }, 200, ociIndex);
}

function missing(code: string): Answer {
  return json({ errors: [{ code, message: "not known here" }] }, 404);
}

function refused(code: string): Answer {
  return json({ errors: [{ code, message: "refused" }] }, 400);
}
