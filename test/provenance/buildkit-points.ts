/**
 * What BuildKit's `mode=max` provenance holds, and where ours has it: the table of docs/provenance.md, as paths. Shared by
 * the tests that compare a recorded statement with ours.
 */
import { buffer } from "node:stream/consumers";

import { extract } from "tar-stream";

import { recordedBytes } from "./recordings.js";

/** The predicate in a recorded archive. */
export async function buildkitPredicate(archive: string): Promise<unknown> {
  const unpack = extract();
  unpack.end(recordedBytes(`buildkit-v0.32.2/${archive}`));
  const statements: unknown[] = [];
  for await (const entry of unpack) {
    const text = (await buffer(entry)).toString("utf8");
    if (entry.header.name.startsWith("blobs/") && text.startsWith('{"_type"'))
      statements.push(JSON.parse(text));
  }
  return at(statements[0], "predicate");
}

/** The value at a path of names, indexes and `name=value` selectors. */
export function at(value: unknown, path: string): unknown {
  return path.split("/").reduce<unknown>((current, key) => {
    if (Array.isArray(current))
      return key.includes("=") ? current.find((item) => select(item, key)) : current[Number(key)];
    return typeof current === "object" && current !== null
      ? Object.entries(current).find(([name]) => name === key)?.[1]
      : undefined;
  }, value);
}

function select(item: unknown, selector: string): boolean {
  const [name = "", wanted = ""] = selector.split("=");
  const value = at(item, name.replaceAll(".", "/"));
  return value === wanted || (wanted === "*" && value !== undefined);
}

export const llb = "buildDefinition/internalParameters/buildConfig/llbDefinition";
export const dependencies = "buildDefinition/resolvedDependencies";
export const steps = "runDetails/byproducts/0/annotations/document/steps";
const document = "runDetails/byproducts/0/annotations/document";
const metadata = "runDetails/metadata";

/** What is compared, where BuildKit has it, where we have it; `same` when the two values must be equal. */
export const points: readonly (readonly [point: string, theirs: string, ours: string, same?: "same"])[] = [
  ["base image, as package URL", `${dependencies}/0/uri`, `${dependencies}/0/uri`, "same"],
  ["base image, digest", `${dependencies}/0/digest/sha256`, `${dependencies}/0/digest/sha256`, "same"],
  ["command, argv", `${llb}/3/op/Op/exec/meta/args`, `${steps}/kind=exec/argv`, "same"],
  ["working directory of a command", `${llb}/3/op/Op/exec/meta/cwd`, `${steps}/kind=exec/workdir`, "same"],
  [
    "layers of the image",
    `${metadata}/buildkit_metadata/layers/step4:0/0/0/digest`,
    `${document}/layers/0/digest`,
  ],
  ["layers per step", `${metadata}/buildkit_metadata/layers/step4:0`, `${document}/layers/0/step`],
  ["variables of a command", `${llb}/3/op/Op/exec/meta/env`, `${steps}/kind=exec/environment`],
  ["cache mount", `${llb}/3/op/Op/exec/mounts/1/dest`, `${steps}/kind=exec/mounts/kind=cache/target`, "same"],
  [
    "secret mount",
    `${llb}/3/op/Op/exec/mounts/2/dest`,
    `${steps}/kind=exec/mounts/kind=secret/target`,
    "same",
  ],
  [
    "secret, by name",
    "buildDefinition/externalParameters/request/secrets/0/id",
    `${document}/secrets/0/name`,
    "same",
  ],
  [
    "copied file, target",
    `${llb}/2/op/Op/file/actions/0/Action/copy/dest`,
    `${steps}/operation=Container.withFile/arguments/path`,
    "same",
  ],
  ["edges between steps", `${llb}/3/inputs`, `${steps}/kind=exec/inputs`],
  [
    "digest of a step",
    "buildDefinition/internalParameters/buildConfig/digestMapping",
    `${steps}/kind=exec/id`,
  ],
  [
    "local source",
    "buildDefinition/externalParameters/request/locals/0/name",
    `${dependencies}/annotations.kind=host-directory/uri`,
  ],
  [
    "build argument",
    "buildDefinition/externalParameters/request/args",
    "buildDefinition/externalParameters/arguments/version",
  ],
  ["cache, by key", `${llb}/3/op/Op/exec/mounts/1/cacheOpt/ID`, `${document}/caches/0/key`],
  [
    "file mode of a secret",
    `${llb}/3/op/Op/exec/mounts/2/secretOpt/mode`,
    `${steps}/operation=Container.withMountedSecret/arguments/mode`,
  ],
  [
    "copied file, source",
    `${llb}/2/op/Op/file/actions/0/Action/copy/src`,
    `${steps}/operation=Directory.file/arguments/path`,
  ],
  [
    "platform",
    "buildDefinition/internalParameters/builderPlatform",
    "buildDefinition/internalParameters/platform",
    "same",
  ],
  [
    "frontend or SDK",
    "buildDefinition/externalParameters/request/frontend",
    "buildDefinition/internalParameters/sdk",
  ],
  [
    "source of the build definition",
    `${metadata}/buildkit_metadata/source/infos/0/data`,
    `${dependencies}/name=app/digest/gitCommit`,
  ],
  ["invocation", `${metadata}/invocationId`, `${metadata}/invocationId`],
  ["start", `${metadata}/startedOn`, `${metadata}/startedOn`],
  ["end", `${metadata}/finishedOn`, `${metadata}/finishedOn`],
  [
    "completeness",
    `${metadata}/buildkit_completeness/resolvedDependencies`,
    `${metadata}/dagger_completeness/materials`,
  ],
];

/** What we have and the recorded BuildKit statement has not. */
export const ahead: readonly (readonly [point: string, ours: string])[] = [
  ["local source, digest", `${dependencies}/annotations.kind=host-directory/digest/daggerContentSha256`],
  ["time of each step", `${steps}/kind=exec/startedOn`],
  ["processor and memory of each step", `${steps}/kind=exec/usage/memoryPeakBytes`],
  ["where each fact comes from", `${dependencies}/0/annotations/source`],
  ["gaps by name", `${metadata}/dagger_completeness/gaps`],
  ["who built", "runDetails/builder/id"],
  ["label of the image", `${steps}/operation=Container.withLabel/arguments/value`],
];

/** What both have of a build of the Dockerfile itself, which has no lines and no optional secrets as a module. */
export const ofTheDockerfile: typeof points = [
  [
    "line of the source per step",
    `${metadata}/buildkit_metadata/source/locations/step3/locations/0/ranges/0/start/line`,
    `${steps}/operation=Dockerfile.RUN/location/lines/0`,
    "same",
  ],
  [
    "files read of a local source",
    `${llb}/1/op/Op/source/attrs/local.followpaths`,
    `${steps}/operation=Dockerfile.COPY/arguments/sources`,
  ],
  [
    "secret that may be missing",
    `${llb}/3/op/Op/exec/mounts/2/secretOpt/optional`,
    `${document}/secrets/0/optional`,
    "same",
  ],
];

/**
 * Every leaf of BuildKit's predicate, by the row of the table that speaks of it. `settings`: how BuildKit works inside, in
 * its own terms; they say nothing of the build that another row does not.
 */
export const rows: readonly (readonly [leaf: RegExp, row: string])[] = [
  [/^buildDefinition\.buildType$/, "who built"],
  [/\.resolvedDependencies\[\]\.uri$/, "base image, as package URL"],
  [/\.resolvedDependencies\[\]\.digest\./, "base image, digest"],
  [/\.request\.(?:frontend|compatibilityVersion)$|\.dockerfileVersion$/, "frontend or SDK"],
  [/\.request\.args\./, "build argument"],
  [/\.request\.secrets\[\]\.id$/, "secret, by name"],
  [/\.request\.secrets\[\]\.optional$|secretOpt\.optional$/, "secret that may be missing"],
  [/\.request\.locals\[\]\.name$/, "local source"],
  [/\.digestMapping\.|\.llbDefinition\[\]\.id$/, "digest of a step"],
  [/\.inputs\[\]$|\.(?:input|output|secondaryInput)$/, "edges between steps"],
  [/local\.followpaths$/, "files read of a local source"],
  [/\.source\.identifier$/, "local source"],
  [/\.platform\.(?:Architecture|OS)$|\.builderPlatform$/, "platform"],
  [/\.copy\.src$/, "copied file, source"],
  [/\.copy\.dest$/, "copied file, target"],
  [/\.meta\.args\[\]$/, "command, argv"],
  [/\.meta\.env\[\]$/, "variables of a command"],
  [/\.meta\.cwd$/, "working directory of a command"],
  [/\.mounts\[\]\.(?:dest|mountType)$/, "cache mount"],
  [/\.cacheOpt\.ID$/, "cache, by key"],
  [/\.secretOpt\.ID$/, "secret, by name"],
  [/\.secretOpt\.mode$/, "file mode of a secret"],
  [/^runDetails\.builder\.id$/, "who built"],
  [/\.invocationId$/, "invocation"],
  [/\.startedOn$/, "start"],
  [/\.finishedOn$/, "end"],
  [/\.buildkit_metadata\.source\.locations\./, "line of the source per step"],
  [/\.buildkit_metadata\.source\.infos\[\]/, "source of the build definition"],
  [/\.buildkit_metadata\.layers\./, "layers per step"],
  [/\.buildkit_completeness\./, "completeness"],
  [/\.copy\.(?:allow\w+|createDestPath|dirCopyContents|followSymlink|mode|timestamp)$/, "settings"],
  [/\.removeMountStubsRecursive$|local\.sharedkeyhint$/, "settings"],
];

/** Paths of the leaves of a value, with `[]` for every index. */
export function leavesOf(value: unknown, path = ""): string[] {
  if (Array.isArray(value)) return value.flatMap((item) => leavesOf(item, `${path}[]`));
  if (typeof value !== "object" || value === null) return [path];
  return Object.entries(value).flatMap(([name, member]) =>
    leavesOf(member, path === "" ? name : `${path}.${name}`),
  );
}
