import { AttestError } from "../../error.js";

/** How to speak to a registry. */
export type Protocol = "auto" | "https" | "http";

/**
 * The address of a registry. Plain http is spoken only to this machine, or when asked for.
 * @param registry host and port, as in `ghcr.io` or `localhost:5000`
 */
export function endpointOf(registry: string, protocol: Protocol, hasAuthority: boolean): URL {
  const host = registry === "docker.io" ? "registry-1.docker.io" : registry;
  const name = URL.canParse(`http://${host}`) ? new URL(`http://${host}`).hostname : "";
  const isPlain = protocol === "http" || (protocol === "auto" && isLoopback(name) && !hasAuthority);
  const text = `${isPlain ? "http" : "https"}://${host}/`;
  const url = URL.canParse(text) ? new URL(text) : undefined;
  if (url?.pathname === "/" && url.username === "") return url;
  throw new AttestError("REFERENCE_INVALID", `${JSON.stringify(registry)} is no address of a registry`, {
    problems: [{ path: "", expected: "host[:port]", got: JSON.stringify(registry) }],
  });
}

export function isLoopback(hostname: string): boolean {
  return (
    hostname === "localhost" ||
    hostname.endsWith(".localhost") ||
    /^127(?:\.\d{1,3}){3}$/.test(hostname) ||
    hostname === "[::1]"
  );
}
