/**
 * A registry that is reached at another address than its name says, as a service of a session is. Only the connection goes
 * there: requests, certificates and errors have the name that images have.
 */
import type { RequestOptions } from "node:https";

import { errorCode } from "../../error.js";

export type Via = {
  /** Host and port as in the URLs of requests. */
  readonly host: string;
  /** Where the connection is made instead. */
  readonly address: URL;
};

/** @param address host and port, as in `registry:5000` */
export function viaOf(endpoint: URL, address: string): Via {
  return { host: endpoint.host, address: new URL(`${endpoint.protocol}//${address}/`) };
}

/** Where a request is sent, in words of Node's client: nothing to say of any other host. */
export function connectTo(url: URL, via: Via | undefined): RequestOptions {
  if (via === undefined || url.host !== via.host) return {};
  const { hostname, port } = via.address;
  return {
    hostname: bare(hostname),
    port: port === "" ? (url.protocol === "https:" ? 443 : 80) : port,
    headers: { host: url.host },
    checkServerIdentity: (_, certificate) =>
      process.getBuiltinModule("node:tls").checkServerIdentity(bare(url.hostname), certificate),
  };
}

/** What broke, without the address that nobody wrote. */
export function named(error: Error, url: URL, via: Via | undefined): Error {
  if (via === undefined || url.host !== via.host) return error;
  // Node names the addresses that it tried only in the parts of an AggregateError.
  const parts: readonly unknown[] = error instanceof AggregateError ? error.errors : [error];
  const message = parts.map((part) => renamed(part, url.host, via.address)).join(", ");
  const code = errorCode(error);
  return Object.assign(new Error(message, { cause: error }), code === "" ? {} : { code });
}

type Connecting = { readonly message: string; readonly address?: string; readonly port?: number };

function renamed(error: unknown, host: string, { hostname }: URL): string {
  if (!(error instanceof Error)) return "an unknown failure";
  const { message, address, port }: Connecting = error;
  const resolved = address === undefined ? message : message.replaceAll(`${address}:${port ?? ""}`, host);
  return resolved.replaceAll(bare(hostname), host);
}

/** An address of IPv6 without the brackets that it has in a URL. */
export function bare(hostname: string): string {
  return hostname.replace(/^\[(.*)\]$/, "$1");
}
