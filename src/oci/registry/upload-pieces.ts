/** https://github.com/opencontainers/distribution-spec/blob/v1.1.1/spec.md#pushing-a-blob-in-chunks */
import { partOf, type ByteSource } from "../../signing/source.js";
import { invalidAnswer } from "./answer.js";
import { isLoopback } from "./endpoint.js";
import { urlIn, type Repository } from "./repository.js";
import { shownUrl } from "./secrets.js";
import type { Call } from "./session.js";
import type { HttpResponse } from "./transport.js";

/** What registries answer to a way of uploading that they don't know; another one may be open. */
export const otherWay: readonly number[] = [400, 404, 405, 415, 501];

/** Where the upload is to be finished; undefined when it can't be sent in pieces, as it turned out. */
export async function sendChunks(
  repository: Repository,
  content: ByteSource,
  location: URL,
  chunkBytes: number,
): Promise<URL | undefined> {
  let target = location;
  let sent = 0;
  for (let failures = 0; sent < content.size;) {
    const end = Math.min(content.size, sent + chunkBytes);
    const call = chunkCall(repository, content, target, sent, end);
    let response: HttpResponse;
    let isTaken = false;
    try {
      response = await repository.session.expect(call, [202, 416, ...(sent === 0 ? otherWay : noWayOn)]);
      isTaken = response.status === 202;
    } catch (error) {
      failures += 1;
      await repository.session.pause(failures, call, error);
      response = await uploadStatus(repository, target);
    }
    if (response.status === 416) response = await uploadStatus(repository, target);
    if (otherWay.includes(response.status)) {
      response.discard();
      return undefined;
    }
    response.discard();
    const said = takenBytes(response);
    // Not every registry says how much it has, and some count the piece alone, or one too many: what was taken was taken,
    // and the digest at the end tells whether it was all.
    const reached = isTaken && (said <= sent || said > end) ? end : said;
    if (reached <= sent) failures += 1;
    if (failures > mostFailures || reached > end) return undefined;
    sent = reached;
    target = uploadLocation(repository, response, target);
  }
  return target;
}

const mostFailures = 5;

/** What registries answer that can't go on with an upload, as ECR after a piece whose answer was lost, or can't say how far it is. */
const noWayOn: readonly number[] = otherWay.filter((status) => status !== 404);

/** Bytes that each piece but the last has to have, where the registry says so. */
export function leastPiece(started: HttpResponse): number {
  const said = started.header("oci-chunk-min-length") ?? "";
  return /^\d{1,15}$/.test(said) ? Number(said) : 0;
}

/** Bytes that the registry has. `0-0` stands for none at all, and, rarely, for the first one. */
function takenBytes(response: HttpResponse): number {
  const last = Number(/^(?:bytes=)?0-(\d{1,15})$/.exec(response.header("range") ?? "")?.[1] ?? "0");
  return last === 0 ? 0 : last + 1;
}

function chunkCall({ push }: Repository, content: ByteSource, url: URL, start: number, end: number): Call {
  const headers = { "content-type": "application/octet-stream", "content-range": `${start}-${end - 1}` };
  // Not repeated as it is: the registry may have taken a part of it.
  return { method: "PATCH", url, headers, body: partOf(content, start, end), scope: push, retry: false };
}

async function uploadStatus({ session, push }: Repository, url: URL): Promise<HttpResponse> {
  return session.expect({ method: "GET", url, scope: push }, [200, 202, 204, ...noWayOn]);
}

/** Where an upload goes on: there, and nowhere less safe. */
export function uploadLocation(repository: Repository, response: HttpResponse, before?: URL): URL {
  const location = response.header("location");
  if (location === undefined && before !== undefined) return before;
  const { endpoint } = repository.session;
  const base = before ?? urlIn(repository, "blobs/uploads");
  const url = URL.canParse(location ?? "", base.href) ? new URL(location ?? "", base) : undefined;
  // Behind a proxy a registry may not know that it is spoken to safely.
  if (url?.protocol === "http:" && endpoint.protocol === "https:" && url.hostname === endpoint.hostname)
    return new URL(`${url.pathname}${url.search}`, endpoint);
  const isPlain = url?.protocol === "http:" && endpoint.protocol === "http:";
  const isSafe =
    url?.protocol === "https:" ||
    (isPlain && (url.hostname === endpoint.hostname || isLoopback(url.hostname)));
  if (location !== undefined && url !== undefined && isSafe) return url;
  const got = url === undefined || location === undefined ? "none" : shownUrl(url);
  throw invalidAnswer(`the upload to ${repository.shown}`, "a location to upload to", got);
}
