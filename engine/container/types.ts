/** A container as a value: a root, a configuration, mounts. Its root is made when it is asked for. */
import type { SecretValue } from "../secret/keeper.js";
import type { FileEntry, Tree } from "../tree/types.js";

export type ContainerValue = {
  readonly kind: "container";
  readonly platform: string;
  readonly config: ContainerConfig;
  readonly mounts: readonly Mount[];
  /** Makes what is still to be made, and runs what is still to be run. */
  readonly root: () => Promise<Root>;
  /** The last command's result. */
  readonly exec?: () => Promise<ExecRecord>;
  /** Reference with digest, straight after `from` only. */
  readonly imageRef?: string;
};

export type ContainerConfig = {
  readonly env: ReadonlyMap<string, string>;
  readonly secretEnv: ReadonlyMap<string, () => Promise<SecretValue>>;
  readonly entrypoint: readonly string[];
  readonly args: readonly string[];
  readonly workdir: string;
  readonly user: string;
  readonly labels: ReadonlyMap<string, string>;
  readonly annotations: ReadonlyMap<string, string>;
  readonly ports: readonly Port[];
  /** What else a base image's configuration holds (Volumes, StopSignal), as it stands there. */
  readonly rest: Readonly<Record<string, unknown>>;
};

export type Port = {
  readonly port: number;
  readonly protocol: "TCP" | "UDP";
  readonly description: string | null;
  readonly experimentalSkipHealthcheck: boolean;
};

export type Mount = { readonly path: string; readonly owner: string } & (
  | { readonly kind: "directory"; readonly tree: () => Promise<Tree>; readonly readOnly: boolean }
  | { readonly kind: "file"; readonly entry: () => Promise<FileEntry> }
  | { readonly kind: "cache"; readonly key: string; readonly sharing: string }
  | { readonly kind: "secret"; readonly secret: () => Promise<SecretValue>; readonly mode: number }
  | { readonly kind: "temp" }
);

/** A root: an image in the storage, and changes that no image has yet. */
export type Root = {
  /** Id of the image; undefined for the empty root. */
  readonly image: string | undefined;
  readonly changes: readonly Change[];
  /** How the layers of the image came to be, one per layer and more for steps without one. */
  readonly history: readonly HistoryEntry[];
};

export type HistoryEntry = { readonly created_by: string; readonly empty_layer?: true };

/** One change of files. Owners are `user[:group]` as written; names are looked up in the root. */
export type Change =
  | { readonly kind: "tree"; readonly path: string; readonly tree: Tree; readonly owner: string }
  | { readonly kind: "file"; readonly path: string; readonly entry: FileEntry; readonly owner: string }
  | { readonly kind: "link"; readonly path: string; readonly target: string }
  | { readonly kind: "remove"; readonly path: string };

export type ExecRecord = {
  readonly exitCode: number;
  readonly stdout: FileEntry;
  readonly stderr: FileEntry;
  readonly combined: FileEntry;
};

export const emptyRoot: Root = { image: undefined, changes: [], history: [] };

export const emptyConfig: ContainerConfig = {
  env: new Map(),
  secretEnv: new Map(),
  entrypoint: [],
  args: [],
  workdir: "",
  user: "",
  labels: new Map(),
  annotations: new Map(),
  ports: [],
  rest: {},
};
