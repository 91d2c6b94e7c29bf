/** What resolvers share within one engine. */
import type { Buildah } from "./buildah/buildah.js";
import type { Reporter } from "./progress.js";
import type { Store } from "./store/store.js";
import type { SecretKeeper } from "./secret/keeper.js";
import type { Recorder } from "./telemetry/recorder.js";

/** An image that stands in for a reference where no registry answers. */
export type StandIn = (reference: string) => Promise<{ readonly archive: string } | undefined>;

export type RegistryCredentials = { readonly username: string; readonly password: () => Promise<string> };

export type EngineServices = {
  readonly store: Store;
  readonly buildah: Buildah;
  readonly report: Reporter;
  readonly standIn: StandIn;
  /** The main client's variables and directory: what host.*, address and secret(uri) read. */
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly workdir: string;
  /** By registry host; as on Dagger they hold for the whole session. */
  readonly credentials: Map<string, RegistryCredentials>;
  readonly secrets: SecretKeeper;
  readonly recorder: Recorder;
};
