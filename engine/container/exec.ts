/** withExec: runs a command in a container, once for the same inputs. */
import { rm } from "node:fs/promises";
import { join, posix } from "node:path";

import { EngineError } from "../graph/error.js";
import { type SecretValue, scrub } from "../secret/keeper.js";
import type { EngineServices } from "../services.js";
import { memoKey, recall, remember } from "../store/memo.js";
import { addContent, holds } from "../store/objects.js";
import { loadTree, saveTree } from "../store/trees.js";
import { treeDigest } from "../tree/digest.js";
import type { Tree } from "../tree/types.js";
import type { CommandResult } from "../buildah/command.js";
import { setVariables } from "./variables.js";
import type { Store } from "../store/store.js";
import { openMeter } from "../usage/meter.js";
import type { Usage } from "../usage/types.js";
import { execError, withoutRunnerLines } from "./exec-error.js";
import { settledRoot } from "./layer.js";
import { type Prepared, mountCache, mountMemory, mountTemporary, mountTree, placeSecret } from "./mounts.js";
import { noteStubs, redirectOutput } from "./stubs.js";
import { kindAt, makeDirectory, ownedTree, ownerIn, placeOf } from "./rootfs.js";
import type { ContainerValue, ExecRecord, Mount, Root } from "./types.js";

export type ExecOptions = {
  readonly args: readonly string[];
  readonly stdin: string;
  readonly redirectStdout: string;
  readonly redirectStderr: string;
  readonly expect: string;
};

export type ExecResult = {
  readonly root: Root;
  readonly record: ExecRecord;
  /** Trees of directory and file mounts that the command changed, by mount path. */
  readonly mounts: ReadonlyMap<string, Tree>;
  /** It had run before, and what it gave was kept. */
  readonly cached: boolean;
  /** When its own work began, in milliseconds since 1970: what it builds on was there. */
  readonly started: number;
  /** What it took, where it ran now and that could be measured. */
  readonly usage?: Usage;
};

/** Name of the only file in the tree of a file mount. */
export const mountedFileName = "content";

type Kept = { image: string; record: ExecRecord; mounts: [string, string][] };

export async function runExec(
  services: EngineServices,
  container: ContainerValue,
  options: ExecOptions,
): Promise<ExecResult> {
  const before = await settledRoot(services, await container.root());
  const inputs = await gatherInputs(services, container, before.image);
  const started = services.recorder.now();
  const key = memoKey("exec", [before.image, container.platform, inputs.key, options]);
  const title = `exec ${scrub(Buffer.from(options.args.join(" ")), inputs.plaintexts).toString()}`;
  const kept = await recallExec(services, key);
  const done =
    kept ??
    (await services.report.during(title, () => execute(services, container, before.image, inputs, options)));
  if (kept !== undefined) services.report.cached(title);
  const { exitCode } = done.record;
  const isExpected = options.expect === "ANY" || (options.expect === "FAILURE") === (exitCode !== 0);
  if (!isExpected) throw await execError(services.store, options.args, done.record, inputs.plaintexts);
  if (kept === undefined) await rememberExec(services, key, done);
  const history = [...before.history, { created_by: `mount / from ${title}` }];
  const root = { image: done.image, changes: [], history };
  return { ...done, root, cached: kept !== undefined, started };
}

type Executed = {
  readonly image: string;
  readonly record: ExecRecord;
  readonly mounts: ReadonlyMap<string, Tree>;
  readonly usage?: Usage;
};

type Inputs = {
  readonly env: readonly (readonly [string, string])[];
  readonly secretEnv: readonly (readonly [string, string])[];
  readonly mounts: readonly ReadyMount[];
  readonly plaintexts: readonly string[];
  /** Everything above, for the memo's key: secrets by fingerprint. */
  readonly key: unknown;
};

type ReadyMount =
  | { readonly mount: Mount & { readonly kind: "directory" | "file" }; readonly tree: Tree }
  | { readonly mount: Mount & { readonly kind: "secret" }; readonly secret: string }
  | { readonly mount: Mount & { readonly kind: "cache" | "temp" } };

async function gatherInputs(
  services: EngineServices,
  container: ContainerValue,
  image: string,
): Promise<Inputs> {
  const { config } = container;
  const mounts = await Promise.all(container.mounts.map((mount) => readyMount(services, mount, image)));
  const secretEnv = await Promise.all(
    [...config.secretEnv].map(async ([name, secret]): Promise<[string, string]> => [
      name,
      await plaintextOf(await secret()),
    ]),
  );
  const fingerprint = (text: string): string => services.secrets.fingerprint(text);
  return {
    env: [...config.env],
    secretEnv,
    mounts,
    plaintexts: [
      ...secretEnv.map(([, text]) => text),
      ...mounts.flatMap((ready) => ("secret" in ready ? [ready.secret] : [])),
    ],
    key: [
      [...config.env],
      secretEnv.map(([name, text]) => [name, fingerprint(text)]),
      config.workdir,
      config.user,
      mounts.map((ready) => mountKey(ready, fingerprint)),
    ],
  };
}

function plaintextOf(secret: SecretValue): Promise<string> {
  return secret.plaintext();
}

async function readyMount(services: EngineServices, mount: Mount, image: string): Promise<ReadyMount> {
  const owner = async (): Promise<ReturnType<typeof ownerIn>> =>
    mount.owner === "" ? undefined : ownerIn(await services.buildah.root(image), mount.owner);
  switch (mount.kind) {
    case "directory":
      return { mount, tree: ownedTree(await mount.tree(), await owner()) };
    case "file":
      return { mount, tree: ownedTree(new Map([[mountedFileName, await mount.entry()]]), await owner()) };
    case "secret":
      return { mount, secret: await plaintextOf(await mount.secret()) };
    case "cache":
    case "temp":
      return { mount };
  }
}

function mountKey(ready: ReadyMount, fingerprint: (text: string) => string): unknown {
  const { mount } = ready;
  if ("tree" in ready)
    return [mount.kind, mount.path, treeDigest(ready.tree), mount.kind === "directory" && mount.readOnly];
  if ("secret" in ready)
    return [mount.kind, mount.path, fingerprint(ready.secret), ready.mount.mode, mount.owner];
  return [mount.kind, mount.path, mount.owner, mount.kind === "cache" ? mount.key : ""];
}

async function execute(
  services: EngineServices,
  container: ContainerValue,
  image: string,
  inputs: Inputs,
  options: ExecOptions,
): Promise<Executed> {
  const releases: (() => Promise<void>)[] = [];
  try {
    const working = await services.buildah.working(image);
    releases.push(working.remove);
    const memory = await secretMemory(services, inputs);
    if (memory !== undefined) releases.push(memory.release);
    const prepared: Prepared[] = [];
    for (const [index, ready] of inputs.mounts.entries()) {
      const mount = await prepare(services, ready, memory?.place ?? "", index, working.root);
      releases.push(mount.release);
      prepared.push(mount);
    }
    const workdir = posix.join("/", container.config.workdir);
    const stubs = noteStubs(
      working.root,
      prepared.map((mount) => mount.path),
    );
    const isMounted = prepared.some(
      (mount) => workdir === mount.path || workdir.startsWith(`${mount.path}/`),
    );
    if (!isMounted) makeDirectory(working.root, placeOf(working.root, workdir));
    const environment = await setVariables(services, working, container, inputs);
    const meter = await openMeter(services.store);
    releases.push(meter.close);
    const result = await services.buildah
      .run(
        [
          ...runArguments(container, prepared, workdir),
          ...environment.args,
          working.name,
          "--",
          ...options.args,
        ],
        {
          // Buildah writes the process's variables to a file beside its work: secrets must not reach the disk.
          env: { ...services.env, TMPDIR: memory?.place ?? services.store.work },
          input: options.stdin,
          wrap: meter.wrap,
        },
      )
      .finally(environment.release);
    const usage = await meter.read();
    const output = scrubbed(result, inputs.plaintexts);
    const place = (path: string): string => placeFor(working.root, prepared, posix.resolve(workdir, path));
    if (options.redirectStdout !== "") await redirectOutput(place(options.redirectStdout), output.stdout);
    if (options.redirectStderr !== "") await redirectOutput(place(options.redirectStderr), output.stderr);
    const mounts = new Map<string, Tree>();
    for (const mount of prepared) {
      const tree = await mount.changed?.();
      if (tree !== undefined) mounts.set(mount.path, tree);
    }
    stubs.remove();
    return {
      image: await working.commit(),
      record: recordOf(services.store, result.exitCode, output),
      mounts,
      ...(usage === undefined ? {} : { usage }),
    };
  } finally {
    for (const release of releases.reverse()) await release();
  }
}

type Output = { readonly stdout: Buffer; readonly stderr: Buffer; readonly combined: Buffer };

function scrubbed(result: CommandResult, plaintexts: readonly string[]): Output {
  const { stdout, stderr, combined, exitCode } = result;
  return {
    stdout: scrub(stdout, plaintexts),
    stderr: scrub(withoutRunnerLines(stderr, exitCode), plaintexts),
    combined: scrub(withoutRunnerLines(combined, exitCode), plaintexts),
  };
}

function recordOf(store: Store, exitCode: number, { stdout, stderr, combined }: Output): ExecRecord {
  return {
    exitCode,
    stdout: addContent(store, stdout),
    stderr: addContent(store, stderr),
    combined: addContent(store, combined),
  };
}

async function secretMemory(
  services: EngineServices,
  inputs: Inputs,
): Promise<{ place: string; readonly release: () => Promise<void> } | undefined> {
  return inputs.plaintexts.length === 0 ? undefined : mountMemory(services.store);
}

async function prepare(
  services: EngineServices,
  ready: ReadyMount,
  memory: string,
  index: number,
  root: string,
): Promise<Prepared> {
  const { mount } = ready;
  if (mount.path.includes(":"))
    throw new EngineError(
      `${mount.path}: a colon in a mount's path is not in the local engine; run with Dagger`,
    );
  if ("tree" in ready) {
    const mounted = await mountTree(services, ready.tree);
    if (ready.mount.kind === "directory")
      return { ...mounted, path: mount.path, readOnly: ready.mount.readOnly };
    return { ...mounted, path: mount.path, place: join(mounted.place, mountedFileName), readOnly: false };
  }
  const owner = ownerIn(root, mount.owner);
  if ("secret" in ready) {
    const place = await placeSecret(memory, index, ready.secret, ready.mount.mode, owner);
    return { path: mount.path, place, readOnly: true, release: () => rm(place, { force: true }) };
  }
  const made =
    ready.mount.kind === "cache"
      ? await mountCache(services.store, ready.mount.key, ready.mount.sharing, owner)
      : await mountTemporary(services.store);
  return { ...made, path: mount.path, readOnly: false };
}

function runArguments(container: ContainerValue, mounts: readonly Prepared[], workdir: string): string[] {
  const { config } = container;
  const volumes = mounts.flatMap((mount) => [
    "--volume",
    `${mount.place}:${mount.path}${mount.readOnly ? ":ro" : ""}`,
  ]);
  return [
    "run",
    "--isolation=chroot",
    "--network=host",
    "--no-hosts",
    `--workingdir=${workdir}`,
    ...(config.user === "" ? [] : [`--user=${config.user}`]),
    ...volumes,
  ];
}

/** Where a path of the container lies on the machine while its mounts are there. */
function placeFor(root: string, mounts: readonly Prepared[], path: string): string {
  const mount = mounts
    .filter((each) => path === each.path || path.startsWith(`${each.path}/`))
    .sort((a, b) => b.path.length - a.path.length)[0];
  if (mount === undefined) return placeOf(root, path);
  return kindAt(mount.place) === "directory"
    ? placeOf(mount.place, path.slice(mount.path.length))
    : mount.place;
}

async function recallExec(services: EngineServices, key: string): Promise<Executed | undefined> {
  const kept = await recall(services.store, key, isKept);
  if (kept === undefined || !services.buildah.has(kept.image)) return undefined;
  const { stdout, stderr, combined } = kept.record;
  if (![stdout, stderr, combined].every((entry) => holds(services.store, entry))) return undefined;
  const mounts = new Map<string, Tree>();
  for (const [path, digest] of kept.mounts) {
    const tree = await loadTree(services.store, digest);
    if (tree === undefined) return undefined;
    mounts.set(path, tree);
  }
  return { image: kept.image, record: kept.record, mounts };
}

async function rememberExec(services: EngineServices, key: string, done: Executed): Promise<void> {
  const mounts: [string, string][] = [];
  for (const [path, tree] of done.mounts) mounts.push([path, await saveTree(services.store, tree)]);
  const kept: Kept = { image: done.image, record: done.record, mounts };
  await remember(services.store, key, kept);
}

function isKept(value: unknown): value is Kept {
  return (
    typeof value === "object" && value !== null && "image" in value && "record" in value && "mounts" in value
  );
}
