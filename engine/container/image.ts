/** Containers from images: out of registries, archives and layouts. */
import type { EngineServices } from "../services.js";
import {
  type ContainerConfig,
  type ContainerValue,
  type HistoryEntry,
  type Root,
  emptyConfig,
} from "./types.js";

type Inspected = {
  readonly FromImageID: string;
  readonly FromImageDigest: string;
  readonly OCIv1: {
    readonly architecture: string;
    readonly os: string;
    readonly variant?: string;
    readonly config?: Readonly<Record<string, unknown>>;
    readonly rootfs?: { readonly diff_ids?: readonly string[] };
    readonly history?: readonly Readonly<Record<string, unknown>>[];
  };
};

export type LoadedImage = {
  readonly id: string;
  /** Digest of its manifest. */
  readonly digest: string;
  readonly container: ContainerValue;
};

/** Reads an image of the storage as a container. */
export async function loadImage(services: EngineServices, image: string): Promise<LoadedImage> {
  const output = await services.buildah.output(["inspect", "--type", "image", image]);
  const { FromImageID: id, FromImageDigest: digest, OCIv1: oci } = JSON.parse(output) as Inspected;
  const root: Root = { image: id, changes: [], history: historyOf(oci) };
  const platform = [oci.os, oci.architecture, ...(oci.variant ? [oci.variant] : [])].join("/");
  return {
    id,
    digest,
    container: {
      kind: "container",
      platform,
      config: configOf(oci.config ?? {}),
      mounts: [],
      root: () => Promise.resolve(root),
    },
  };
}

/** Takes an image into the storage; returns its id. `source` names its transport, as in `oci:/path`. */
export async function pullImage(
  services: EngineServices,
  source: string,
  options: readonly string[] = [],
  cwd?: string,
): Promise<string> {
  const where = cwd === undefined ? {} : { cwd };
  return (await services.buildah.output(["pull", "--quiet", ...options, source], where)).trim();
}

/** One entry with a layer for each layer; an image whose history says otherwise gets a plain one. */
function historyOf(oci: Inspected["OCIv1"]): HistoryEntry[] {
  const layers = oci.rootfs?.diff_ids ?? [];
  const history = (oci.history ?? []).map((entry): HistoryEntry => {
    const by = entry["created_by"];
    const line = { created_by: typeof by === "string" ? by : "" };
    return entry["empty_layer"] === true ? { ...line, empty_layer: true } : line;
  });
  const withLayer = history.filter((entry) => entry.empty_layer !== true).length;
  return withLayer === layers.length ? history : layers.map(() => ({ created_by: "from" }));
}

function configOf(config: Readonly<Record<string, unknown>>): ContainerConfig {
  const { Env, Entrypoint, Cmd, WorkingDir, User, Labels, ExposedPorts, ...rest } = config;
  return {
    ...emptyConfig,
    env: new Map(texts(Env).map((line) => split(line))),
    entrypoint: texts(Entrypoint),
    args: texts(Cmd),
    workdir: typeof WorkingDir === "string" ? WorkingDir : "",
    user: typeof User === "string" ? User : "",
    labels: new Map(
      Object.entries(isRecord(Labels) ? Labels : {}).map(([name, value]) => [name, String(value)]),
    ),
    ports: Object.keys(isRecord(ExposedPorts) ? ExposedPorts : {}).map((port) => {
      const [number, protocol] = port.split("/");
      return {
        port: Number(number),
        protocol: protocol === "udp" ? "UDP" : "TCP",
        description: null,
        experimentalSkipHealthcheck: false,
      };
    }),
    rest,
  };
}

function split(line: string): [string, string] {
  const at = line.indexOf("=");
  return at === -1 ? [line, ""] : [line.slice(0, at), line.slice(at + 1)];
}

function texts(value: unknown): string[] {
  return Array.isArray(value) ? value.filter((each) => typeof each === "string") : [];
}

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
