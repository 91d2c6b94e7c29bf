/** https://github.com/opencontainers/distribution-spec/blob/v1.1.1/spec.md#pushing-blobs */
import { AttestError } from "../../error.js";
import { bytesSource, type ByteSource } from "../../signing/source.js";
import type { Descriptor } from "../descriptor.js";
import type { BlobOutcome } from "../store.js";
import { verified } from "../verified.js";
import { hasBlob } from "./blobs.js";
import { urlIn, withQuery, type Repository } from "./repository.js";
import type { Call } from "./session.js";
import type { HttpResponse } from "./transport.js";
import { leastPiece, otherWay, sendChunks, uploadLocation } from "./upload-pieces.js";

export type UploadOptions = {
  /** Blobs of more bytes are sent in pieces of so many, so that a broken upload continues. */
  readonly chunkBytes: number;
  /** Blobs of at most so many bytes are tried in a single request first. */
  readonly singleBytes: number;
};

export const uploadOptions: UploadOptions = { chunkBytes: 32 * 1024 * 1024, singleBytes: 64 * 1024 };

/** What a registry was found to do; learnt once per repository. */
export type UploadHabits = { takesSingle?: boolean; takesPieces?: boolean; mayMount?: boolean };

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
  const from = habits.mayMount === false ? undefined : mountFrom;
  const begun =
    from === undefined
      ? await beginUpload(repository, descriptor, checked, habits, options)
      : await mount(repository, descriptor, from, habits);
  if (begun === undefined) return from === undefined ? "pushed" : "mounted";
  await continueUpload(repository, descriptor, checked, begun, habits, options);
  return "pushed";
}

/**
 * Mounts a blob, or begins its upload where that can't be done: it may not be there, or not for everybody.
 * @returns the upload that was begun; undefined when the blob is stored
 */
async function mount(
  repository: Repository,
  { digest }: Descriptor,
  from: string,
  habits: UploadHabits,
): Promise<HttpResponse | undefined> {
  const states = [201, 202, 401, 403, ...otherWay];
  const response = await startUpload(repository, { mount: digest, from }, states, from).catch(
    (error: unknown) => {
      // A token server may give nothing at all to who may not read the other repository.
      if (!(error instanceof AttestError) || error.code !== "REGISTRY_DENIED") throw error;
      habits.mayMount = false;
    },
  );
  if (response?.status === 201) return undefined;
  return response?.status === 202 ? response : startUpload(repository);
}

/** Sends a small blob along with the question whether one may be sent. @returns as {@link mount} */
async function beginUpload(
  repository: Repository,
  descriptor: Descriptor,
  content: ByteSource,
  habits: UploadHabits,
  { singleBytes }: UploadOptions,
): Promise<HttpResponse | undefined> {
  if (habits.takesSingle === false || content.size > singleBytes) return startUpload(repository);
  const response = await singleRequest(repository, descriptor, content);
  const status = response?.status;
  if (status !== undefined && learntFrom.includes(status)) habits.takesSingle = status === 201;
  if (status === 201) return undefined;
  return status === 202 ? response : startUpload(repository);
}

/** Answers that tell whether a registry takes blobs in one request: some that don't fail at it with 500. */
const learntFrom: readonly number[] = [201, 202, 500, ...otherWay];

/**
 * Sends the content to an upload that was started. One that breaks is begun again: it may have taken a part, or be
 * finished and gone though its answer was lost.
 */
async function continueUpload(
  repository: Repository,
  descriptor: Descriptor,
  content: ByteSource,
  started: HttpResponse,
  habits: UploadHabits,
  options: UploadOptions,
): Promise<void> {
  let response = started;
  for (let attempt = 1; ; attempt += 1) {
    const location = uploadLocation(repository, response);
    const chunkBytes = Math.max(options.chunkBytes, leastPiece(response));
    try {
      if (await finish(repository, descriptor, content, location, habits, chunkBytes)) return;
    } catch (error) {
      if (!isBroken(error)) throw error;
      if (await hasBlob(repository, descriptor.digest)) return;
      await repository.session.pause(
        attempt,
        { method: "PUT", url: location, scope: repository.push },
        error,
      );
    }
    response = await startUpload(repository);
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

/** @param from a scope may be needed for the other repository too */
async function startUpload(
  repository: Repository,
  query: Readonly<Record<string, string>> = {},
  states: readonly number[] = [201, 202],
  from?: string,
): Promise<HttpResponse> {
  const { session, push } = repository;
  const scope = from === undefined ? push : `${push} repository:${from}:pull`;
  const url = urlIn(repository, "blobs/uploads", "", query);
  const call: Call = { method: "POST", url, headers: { "content-length": "0" }, scope };
  const response = await session.expect(call, states);
  response.discard();
  return response;
}

/** Tried once: what is not taken so is sent in two requests, and those are tried again. @returns undefined where no answer came */
async function singleRequest(
  repository: Repository,
  { digest }: Descriptor,
  body: ByteSource,
): Promise<HttpResponse | undefined> {
  const { session, push } = repository;
  const url = urlIn(repository, "blobs/uploads", "", { digest });
  const headers = { "content-type": "application/octet-stream" };
  const call: Call = { method: "POST", url, headers, body, scope: push, retry: false };
  try {
    const response = await session.call(call);
    response.discard();
    return response;
  } catch (error) {
    if (isBroken(error)) return undefined;
    throw error;
  }
}

/** What registries answer at the end to what they have put together otherwise than it was sent. */
const wrongPieces: readonly number[] = [400, 416];

/** False when the registry takes no pieces, as it is known now: the upload has to begin again. */
async function finish(
  repository: Repository,
  descriptor: Descriptor,
  content: ByteSource,
  location: URL,
  habits: UploadHabits,
  chunkBytes: number,
): Promise<boolean> {
  const { session, push } = repository;
  const isWhole = habits.takesPieces === false || content.size <= chunkBytes;
  const target = isWhole ? location : await sendChunks(repository, content, location, chunkBytes);
  if (target === undefined) {
    habits.takesPieces = false;
    return false;
  }
  const url = withQuery(target, { digest: descriptor.digest });
  const body = isWhole ? content : bytesSource(new Uint8Array());
  const headers = { "content-type": "application/octet-stream" };
  // Not repeated as it is: the registry may have taken a part of it.
  const call: Call = { method: "PUT", url, headers, body, scope: push, retry: false };
  const response = await session.expect(call, [200, 201, 202, 204, ...(isWhole ? [] : wrongPieces)]);
  response.discard();
  if (!wrongPieces.includes(response.status)) return true;
  habits.takesPieces = false;
  return false;
}
