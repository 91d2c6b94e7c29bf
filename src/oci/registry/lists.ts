import { AttestError, formatProblem } from "../../error.js";
import { reasonOfEntry, type Descriptor } from "../descriptor.js";
import { assertCount, type OciLimits } from "../limits.js";
import { readManifest, type ImageIndex } from "../manifest.js";
import { ociIndex } from "../media-types.js";
import { unreadEntry, type Referrers, type UnreadEntry } from "../store.js";
import { invalidAnswer, isWebPage, jsonAnswer } from "./answer.js";
import { nextLink } from "./link.js";
import { urlIn, type Repository } from "./repository.js";
import type { Answered, ReadAnswer, Session } from "./session.js";
import type { HttpResponse } from "./transport.js";

/**
 * Everything that refers to a digest; undefined when the registry has no referrers API.
 * https://github.com/opencontainers/distribution-spec/blob/v1.1.1/spec.md#listing-referrers
 */
export async function listReferrers(repository: Repository, digest: string): Promise<Referrers | undefined> {
  const { session, shown } = repository;
  const found = new Map<string, Descriptor>();
  const unread = new Map<string, UnreadEntry>();
  const start = urlIn(repository, "referrers", digest);
  let isFirst = true;
  const idle = idlePages();
  for await (const { response, bytes } of pages(repository, start, [200, ...withoutApi])) {
    if (isFirst && (withoutApi.includes(response.status) || isPageElsewhere(session, response, bytes)))
      return undefined;
    isFirst = false;
    const what = `the referrers of ${digest} in ${shown}`;
    if (response.status !== 200) throw invalidAnswer(what, "status 200", `${response.status}`);
    const known = found.size + unread.size;
    const { manifests, malformed } = listedIn(response, bytes, session.limits, what);
    for (const descriptor of manifests) found.set(descriptor.digest, descriptor);
    for (const entry of malformed) unread.set(reasonOfEntry(entry), unreadEntry(entry));
    const count = found.size + unread.size;
    assertCount(count, session.limits.referrers, what);
    idle.page(count > known, what);
  }
  return { manifests: [...found.values()], unread: [...unread.values()] };
}

/** An index that the registry made for the answer, whatever type it gives it: what is wrong with it is the registry's fault. */
function listedIn(response: HttpResponse, bytes: Buffer, limits: OciLimits, what: string): ImageIndex {
  let index: ReturnType<typeof readManifest>;
  try {
    index = readManifest(bytes, ociIndex, limits, what);
  } catch (cause) {
    if (!(cause instanceof AttestError) || cause.code === "LIMIT_EXCEEDED") throw cause;
    // Says what it is instead, as a login page.
    if (cause.code === "JSON_INVALID") jsonAnswer(bytes, response, what);
    const [problem] = cause.problems;
    throw invalidAnswer(what, "an index", problem === undefined ? "none" : formatProblem(problem), cause);
  }
  if (index.kind === "index") return index;
  throw invalidAnswer(what, "an index", "a manifest");
}

/**
 * Google's registries, registry.k8s.io among them, send whoever asks for a path that they don't know on to a login page. One that
 * stands before all of a registry is met at the fallback tag too, and is an error there.
 */
function isPageElsewhere({ endpoint }: Session, { from }: Answered, bytes: Buffer): boolean {
  return from.origin !== endpoint.origin && isWebPage(bytes);
}

/** What registries answer that don't know the path: the specification says 404; others differ. */
const withoutApi: readonly number[] = [400, 404, 405, 406, 501];

/** https://github.com/opencontainers/distribution-spec/blob/v1.1.1/spec.md#listing-tags */
export async function listTags(repository: Repository): Promise<readonly string[]> {
  const { session, shown } = repository;
  const found = new Set<string>();
  const what = `the tags of ${shown}`;
  const idle = idlePages();
  for await (const { response, bytes } of pages(repository, urlIn(repository, "tags", "list"), [200, 404])) {
    // Only the first page may be missing: then there is no repository.
    if (response.status === 404 && found.size === 0) break;
    const { tags } = jsonAnswer(bytes, response, what);
    // A repository without tags has `null` here.
    const page: readonly unknown[] = Array.isArray(tags) ? tags : [];
    if (!Array.isArray(tags) && tags !== null) throw invalidAnswer(what, "an array of tags", typeof tags);
    const known = found.size;
    for (const tag of page) if (typeof tag === "string") found.add(tag);
    assertCount(found.size, session.limits.tags, what);
    idle.page(found.size > known, what);
  }
  return [...found];
}

/** Follows `Link: <...>; rel="next"` from page to page, within the registry, and never in a circle. */
async function* pages(
  repository: Repository,
  start: URL,
  states: readonly number[],
): AsyncGenerator<ReadAnswer, void> {
  const { session, pull, shown } = repository;
  const seen = new Set<string>();
  let bytes = 0;
  let url: URL | undefined = start;
  while (url !== undefined) {
    if (seen.has(url.href)) throw invalidAnswer(`a list of ${shown}`, "an end", "a page that leads back");
    seen.add(url.href);
    assertCount(seen.size, session.limits.pages, `a list of ${shown} in pages`);
    const answer = await session.read(
      { method: "GET", url, scope: pull },
      states,
      session.limits.answerBytes,
    );
    bytes += answer.bytes.length;
    assertCount(bytes, session.limits.listBytes, `a list of ${shown} in bytes`);
    yield answer;
    url = nextPage(answer.response.header("link"), url, shown);
  }
}

/** Pages in a row that may bring nothing new: a registry may filter a page after cutting it. */
const mostIdlePages = 10;

function idlePages() {
  let idle = 0;
  return {
    page: (isNew: boolean, what: string) => {
      idle = isNew ? 0 : idle + 1;
      if (idle > mostIdlePages) throw invalidAnswer(what, "an end", "page after page without anything new");
    },
  };
}

function nextPage(link: string | undefined, current: URL, shown: string): URL | undefined {
  const target = nextLink(link ?? "");
  if (target === undefined) return undefined;
  const next = URL.canParse(target, current.href) ? new URL(target, current) : undefined;
  if (next?.origin === current.origin) return next;
  // Behind a proxy a registry may know itself by another name: what it means is the same list here.
  if (next?.pathname === current.pathname) return new URL(`${next.pathname}${next.search}`, current);
  throw invalidAnswer(`a list of ${shown}`, "a next page on the same registry", next?.origin ?? "no address");
}
