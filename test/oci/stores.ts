/** The stores that a test runs against: both kinds of registry, and a layout. */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { openLayout } from "../../src/oci/layout/open.js";
import { openRegistry, type RegistryOptions } from "../../src/oci/registry/open.js";
import type { ContentStore } from "../../src/oci/store.js";
import { systemTiming } from "../../src/oci/timing.js";
import {
  installedTools,
  startDistribution,
  startReferrersRegistry,
  type RunningRegistry,
} from "../support/registry.js";

export const tools = installedTools(true);

/** Why a test that needs a program is skipped. */
export function missing(...names: string[]): string | false {
  const absent = names.filter((name) => !tools.has(name));
  return absent.length === 0 ? false : `not on this machine: ${absent.join(", ")} (scripts/registries.sh)`;
}

export type StoreKind = {
  readonly name: string;
  readonly program?: string;
  start(): Promise<StoreMaker>;
};

export type StoreMaker = {
  readonly registry?: RunningRegistry;
  /** A fresh view of a repository: no state is shared with another one of the same name. */
  open(repository: string, options?: Partial<RegistryOptions>): Promise<ContentStore>;
  stop(): Promise<void>;
};

export function makerOf(registry: RunningRegistry): StoreMaker {
  return {
    registry,
    open: (repository, options = {}) =>
      openRegistry({ registry: registry.address, repository }, { timing: systemTiming(), ...options }),
    stop: () => registry.stop(),
  };
}

export const storeKinds: readonly StoreKind[] = [
  {
    name: "distribution",
    program: "docker-registry",
    start: async () => makerOf(await startDistribution(tools.get("docker-registry") ?? "")),
  },
  {
    name: "registry with referrers API",
    program: "referrers-registry",
    start: async () => makerOf(await startReferrersRegistry(tools.get("referrers-registry") ?? "")),
  },
  {
    name: "OCI layout",
    start: () => {
      const directory = mkdtempSync(join(tmpdir(), "attest-layout-"));
      return Promise.resolve({
        open: (name) => openLayout(join(directory, name), { timing: systemTiming(), create: true }),
        stop: () => Promise.resolve(rmSync(directory, { recursive: true, force: true })),
      });
    },
  },
];
