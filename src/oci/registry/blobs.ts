/** https://github.com/opencontainers/distribution-spec/blob/v1.1.1/spec.md#pulling-blobs */
import { AttestError } from "../../error.js";
import type { Descriptor } from "../descriptor.js";
import { assertContent, verified } from "../verified.js";
import { invalidAnswer, isWebPage } from "./answer.js";
import { urlIn, type Repository } from "./repository.js";
import type { Call } from "./session.js";
import { isWhole, type HttpResponse } from "./transport.js";

/**
 * What registries and proxies answer that don't know HEAD, and storage that a registry sends on to with an address that is
 * signed for GET alone: 400 and 403, whatever is there.
 */
export const withoutHead: readonly number[] = [400, 403, 405, 501];

export async function hasBlob(repository: Repository, digest: string): Promise<boolean> {
  const { session, pull } = repository;
  const call: Call = { method: "HEAD", url: urlIn(repository, "blobs", digest), scope: pull };
  const response = await session.expect(call, [200, 404, ...withoutHead]);
  response.discard();
  if (!withoutHead.includes(response.status)) return response.status === 200;
  const asked = await session.expect({ ...call, method: "GET" }, [200, 404]);
  asked.discard();
  return asked.status === 200;
}

/** The bytes of a blob, checked; continues where a broken connection stopped. */
export async function* openBlob(
  repository: Repository,
  descriptor: Descriptor,
): AsyncGenerator<Uint8Array, void> {
  let isPage = false;
  const look = (begin: Buffer) => (isPage = isWebPage(begin));
  const first = await askFor(repository, descriptor, 0);
  try {
    if (isWhole(first.body)) yield wholeBlob(repository, descriptor, first.body, look);
    else yield* verified(persistentBody(repository, descriptor, first, look), descriptor, repository.shown);
  } catch (error) {
    // A blob may be a page for people itself; then it has its digest.
    const isOther = error instanceof AttestError && error.code === "DIGEST_MISMATCH";
    const what = `${descriptor.digest} from ${repository.shown}`;
    throw isOther && isPage ? invalidAnswer(what, "the blob", "a web page", error) : error;
  }
}

/** @param look is shown how it begins */
function wholeBlob(
  { shown }: Repository,
  descriptor: Descriptor,
  parts: readonly Uint8Array[],
  look: (begin: Buffer) => void,
): Uint8Array {
  const bytes = Buffer.concat(parts);
  look(bytes);
  assertContent(bytes, descriptor, shown);
  return bytes;
}

/** @param look is shown how it begins */
async function* persistentBody(
  repository: Repository,
  descriptor: Descriptor,
  first: HttpResponse,
  look: (begin: Buffer) => void,
): AsyncGenerator<Uint8Array, void> {
  let response = first;
  let received = 0;
  for (let attempt = 1; ; attempt += 1) {
    // Not every registry can continue; then what is known already is skipped.
    let known = response.status === 206 ? 0 : received;
    try {
      for await (const chunk of response.body) {
        if (received === 0) look(Buffer.from(chunk.subarray(0, 256)));
        const fresh = chunk.subarray(Math.min(known, chunk.length));
        known -= chunk.length - fresh.length;
        received += fresh.length;
        if (fresh.length > 0) yield fresh;
      }
      return;
    } catch (error) {
      // Only the end was lost: there is no range behind it to ask for.
      if (received === descriptor.size) return;
      await repository.session.pause(attempt, callFor(repository, descriptor, received), error);
    }
    response = await askFor(repository, descriptor, received);
  }
}

/** Asks for a blob from a byte on. */
async function askFor(
  repository: Repository,
  descriptor: Descriptor,
  received: number,
): Promise<HttpResponse> {
  const call = callFor(repository, descriptor, received);
  const response = await repository.session.expect(call, received === 0 ? [200] : [200, 206]);
  assertRange(response, received, descriptor.digest, repository.shown);
  return response;
}

function callFor(repository: Repository, { digest }: Descriptor, received: number): Call {
  const headers = received === 0 ? {} : { range: `bytes=${received}-` };
  return { method: "GET", url: urlIn(repository, "blobs", digest), headers, scope: repository.pull };
}

/** What continues somewhere else than it was asked to would be put together wrongly. */
function assertRange(response: HttpResponse, start: number, digest: string, shown: string): void {
  if (response.status !== 206) return;
  const range = response.header("content-range") ?? "none";
  if (range.startsWith(`bytes ${start}-`)) return;
  response.discard();
  throw invalidAnswer(`${digest} from ${shown}`, `bytes from ${start} on`, range);
}
