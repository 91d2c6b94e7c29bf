import { isDigest } from "../digest.js";
import type { Scope } from "./authorization.js";
import type { Session } from "./session.js";

/** One repository of a registry, as the requests need it. */
export type Repository = {
  readonly session: Session;
  /** As in `library/alpine`. */
  readonly name: string;
  /** For people, as in `docker.io/library/alpine`. */
  readonly shown: string;
  readonly pull: Scope;
  readonly push: Scope;
};

export function repositoryOf(session: Session, registry: string, name: string): Repository {
  const shown = `${registry}/${name}`;
  return { session, name, shown, pull: `repository:${name}:pull`, push: `repository:${name}:pull,push` };
}

/** A URL below `/v2/<name>/`; the parts are encoded. */
export function urlIn({ session, name }: Repository, kind: string, part = "", query: Query = {}): URL {
  const encoded = isDigest(part) ? part : encodeURIComponent(part);
  const url = new URL(`/v2/${name}/${kind}/${encoded}`, session.endpoint);
  for (const [key, value] of Object.entries(query)) url.searchParams.set(key, value);
  return url;
}

type Query = Readonly<Record<string, string>>;

/** An address with more in its query. What it holds already stays as it was written: it may be signed. */
export function withQuery(address: URL, query: Query): URL {
  const url = new URL(address);
  url.search = [url.search.slice(1), new URLSearchParams(query).toString()].filter(Boolean).join("&");
  return url;
}
