/** How to reach a registry: its protocol, whom to trust, and as whom. */
import { readFile } from "node:fs/promises";

import { isLoopback } from "../../src/oci/registry/endpoint.js";
import type { EngineServices, RegistryCredentials } from "../services.js";

export type RegistryAccess = {
  readonly protocol: "http" | "https";
  /** PEM certificates of authorities to trust beside the usual ones. */
  readonly ca?: string;
  readonly credentials?: RegistryCredentials;
};

const probeMs = 5_000;

/** Where a registry's requests go: Docker Hub's have another host than its images' names. */
export function registryHost(registry: string): string {
  return registry === "docker.io" ? "registry-1.docker.io" : registry;
}

export async function registryAccess(services: EngineServices, registry: string): Promise<RegistryAccess> {
  const credentials = services.credentials.get(registry);
  const authority = services.env["SSL_CERT_FILE"] || services.env["NODE_EXTRA_CA_CERTS"];
  const isPlain = await speaksPlainHttp(registry);
  return {
    protocol: isPlain ? "http" : "https",
    ...(isPlain || authority === undefined ? {} : { ca: await readFile(authority, "utf8") }),
    ...(credentials === undefined ? {} : { credentials }),
  };
}

/** Only a registry on this machine may do without TLS; whether it does, it has to be asked. */
export async function speaksPlainHttp(registry: string): Promise<boolean> {
  if (!isLocal(registry)) return false;
  try {
    const response = await fetch(`http://${registry}/v2/`, {
      signal: AbortSignal.timeout(probeMs),
      redirect: "manual",
    });
    const text = await response.text();
    // What Go's servers say to plain HTTP on a port with TLS.
    return !(response.status === 400 && text.includes("HTTPS"));
  } catch {
    return false;
  }
}

export function isLocal(registry: string): boolean {
  const name = URL.canParse(`http://${registry}`) ? new URL(`http://${registry}`).hostname : "";
  return isLoopback(name);
}
