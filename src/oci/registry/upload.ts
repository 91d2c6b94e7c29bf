/** https://github.com/opencontainers/distribution-spec/blob/v1.1.1/spec.md#pushing-blobs */
import { AttestError } from "../../error.js";
import { bytesSource, partOf, type ByteSource } from "../../signing/source.js";
import type { Descriptor } from "../descriptor.js";
import type { BlobOutcome } from "../store.js";
import { verified } from "../verified.js";
import { invalidAnswer } from "./answer.js";
import { hasBlob } from "./blobs.js";
import { isLoopback } from "./endpoint.js";
import { urlIn, type Repository } from "./repository.js";
import type { Call } from "./session.js";
import { shownUrl } from "./secrets.js";
import type { HttpResponse } from "./transport.js";

export type UploadOptions = {
  /** Blobs of more bytes are sent in pieces of so many, so that a broken upload continues. */
  readonly chunkBytes: number;
  /** Blobs of at most so many bytes are tried in a single request first. */
  readonly singleBytes: number;
};

export const uploadOptions: UploadOptions = { chunkBytes: 32 * 1024 * 1024, singleBytes: 64 * 1024 };

/** What a registry was found to do; learnt once per repository. */
export type UploadHabits = { takesSingle?: boolean };

/** Stores a blob: by mounting it, in one request, or in as many as its size and the registry ask for. */
export async function pushBlob(
  repository: Repository,
  descriptor: Descriptor,
  content: ByteSource,
  mountFrom: string | undefined,
  habits: UploadHabits,
  options: UploadOptions,
): Promise<BlobOutcome> {
  const checked = checkedSource(content, descriptor, repository.shown);
  if (mountFrom !== undefined) {
    const response = await startUpload(repository, { mount: descriptor.digest, from: mountFrom }, mountFrom);
    if (response.status === 201) return "mounted";
    await continueUpload(repository, descriptor, checked, response, options);
    return "pushed";
  }
  const isSingle = habits.takesSingle !== false && content.size <= options.singleBytes;
  const response = isSingle
    ? await singleRequest(repository, descriptor, checked)
    : await startUpload(repository, {});
  if (isSingle) habits.takesSingle = response.status === 201;
  if (response.status === 201) return "pushed";
  await continueUpload(repository, descriptor, checked, response, options);
  return "pushed";
}

/**
 * Sends the content to an upload that was started. One that breaks is begun again: it may have taken a part, or be
 * finished and gone though its answer was lost.
 */
async function continueUpload(
  repository: Repository,
  descriptor: Descriptor,
  content: ByteSource,
  started: HttpResponse,
  options: UploadOptions,
): Promise<void> {
  let response = started;
  for (let attempt = 1; ; attempt += 1) {
    const location = uploadLocation(repository, response);
    try {
      await finish(repository, descriptor, content, location, options);
      return;
    } catch (error) {
      if (!isBroken(error)) throw error;
      if (await hasBlob(repository, descriptor.digest)) return;
      await repository.session.pause(
        attempt,
        { method: "PUT", url: location, scope: repository.push },
        error,
      );
      response = await startUpload(repository, {});
    }
  }
}

/** An upload that the registry does not know any more broke too. */
function isBroken(error: unknown): boolean {
  return error instanceof AttestError && ["REGISTRY_FAILED", "IMAGE_NOT_FOUND"].includes(error.code);
}

/** What is sent is what was announced: a file may have changed since its digest was taken. */
function checkedSource(content: ByteSource, descriptor: Descriptor, to: string): ByteSource {
  const isWhole = (start: number, end: number) => start === 0 && end === content.size;
  return {
    size: content.size,
    chunks: (start = 0, end = content.size) =>
      isWhole(start, end)
        ? verified(content.chunks(), descriptor, `what is sent to ${to}`)
        : content.chunks(start, end),
  };
}

/** A scope may be needed for the other repository too. */
async function startUpload(
  repository: Repository,
  query: Readonly<Record<string, string>>,
  from?: string,
): Promise<HttpResponse> {
  const { session, push } = repository;
  const scope = from === undefined ? push : `${push} repository:${from}:pull`;
  const url = urlIn(repository, "blobs/uploads", "", query);
  const call: Call = { method: "POST", url, headers: { "content-length": "0" }, scope };
  const response = await session.expect(call, [201, 202]);
  response.discard();
  return response;
}

async function singleRequest(
  repository: Repository,
  { digest }: Descriptor,
  body: ByteSource,
): Promise<HttpResponse> {
  const { session, push } = repository;
  const url = urlIn(repository, "blobs/uploads", "", { digest });
  const headers = { "content-type": "application/octet-stream" };
  const response = await session.expect({ method: "POST", url, headers, body, scope: push }, [201, 202]);
  response.discard();
  return response;
}

async function finish(
  repository: Repository,
  descriptor: Descriptor,
  content: ByteSource,
  location: URL,
  options: UploadOptions,
): Promise<void> {
  const { session, push } = repository;
  const isWhole = content.size <= options.chunkBytes;
  const target = isWhole ? location : await sendChunks(repository, content, location, options);
  const url = new URL(target);
  url.searchParams.set("digest", descriptor.digest);
  const body = isWhole ? content : bytesSource(new Uint8Array());
  const headers = { "content-type": "application/octet-stream" };
  // Not repeated as it is: the registry may have taken a part of it.
  const call: Call = { method: "PUT", url, headers, body, scope: push, retry: false };
  const response = await session.expect(call, [201, 202, 204]);
  response.discard();
}

async function sendChunks(
  repository: Repository,
  content: ByteSource,
  location: URL,
  options: UploadOptions,
): Promise<URL> {
  let target = location;
  let sent = 0;
  for (let failures = 0; sent < content.size;) {
    const end = Math.min(content.size, sent + options.chunkBytes);
    const call = chunkCall(repository, content, target, sent, end);
    let response: HttpResponse;
    let isTaken = false;
    try {
      response = await repository.session.expect(call, [202, 416]);
      isTaken = response.status === 202;
    } catch (error) {
      failures += 1;
      await repository.session.pause(failures, call, error);
      response = await uploadStatus(repository, target);
    }
    if (response.status === 416) response = await uploadStatus(repository, target);
    response.discard();
    // Not every registry says how much it has; the digest at the end tells whether it was all.
    const isSaid = response.header("range") !== undefined;
    const reached = isTaken && !isSaid ? end : takenBytes(response);
    if (reached <= sent) failures += 1;
    if (reached > end)
      throw invalidAnswer(`the upload to ${repository.shown}`, `bytes up to ${end}`, `${reached}`);
    if (failures > mostFailures) throw stuck(repository, end, reached);
    sent = reached;
    target = uploadLocation(repository, response, target);
  }
  return target;
}

const mostFailures = 5;

/** Bytes that the registry has. `0-0` stands for none at all, and, rarely, for the first one. */
function takenBytes(response: HttpResponse): number {
  const last = Number(/^(?:bytes=)?0-(\d{1,15})$/.exec(response.header("range") ?? "")?.[1] ?? "0");
  return last === 0 ? 0 : last + 1;
}

function stuck({ shown }: Repository, end: number, reached: number): AttestError {
  return new AttestError("REGISTRY_FAILED", `the upload to ${shown} does not go on`, {
    problems: [{ path: "range", expected: `bytes up to ${end}`, got: `${reached}` }],
    next: "Try again later; nothing that was stored is lost.",
  });
}

function chunkCall({ push }: Repository, content: ByteSource, url: URL, start: number, end: number): Call {
  const headers = { "content-type": "application/octet-stream", "content-range": `${start}-${end - 1}` };
  // Not repeated as it is: the registry may have taken a part of it.
  return { method: "PATCH", url, headers, body: partOf(content, start, end), scope: push, retry: false };
}

async function uploadStatus({ session, push }: Repository, url: URL): Promise<HttpResponse> {
  return session.expect({ method: "GET", url, scope: push }, [200, 202, 204]);
}

function uploadLocation(repository: Repository, response: HttpResponse, before?: URL): URL {
  const location = response.header("location");
  if (location === undefined && before !== undefined) return before;
  const { endpoint } = repository.session;
  const base = before ?? urlIn(repository, "blobs/uploads");
  const url = URL.canParse(location ?? "", base.href) ? new URL(location ?? "", base) : undefined;
  const isPlain = url?.protocol === "http:" && endpoint.protocol === "http:";
  const isSafe =
    url?.protocol === "https:" ||
    (isPlain && (url.hostname === endpoint.hostname || isLoopback(url.hostname)));
  if (location !== undefined && url !== undefined && isSafe) return url;
  const got = url === undefined || location === undefined ? "none" : shownUrl(url);
  throw invalidAnswer(`the upload to ${repository.shown}`, "a location to upload to", got);
}
