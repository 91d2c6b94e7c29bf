/**
 * Which operations of the Dagger API are understood: what their results hold comes from what they are called on, from
 * their arguments, or from a material that `leafOf` makes of them. Every other one leaves a gap with its name, so that
 * a field that nobody here has looked at yet can't make a statement complete.
 *
 * Fields of v0.21.8, and those of v1.0.0-beta.10 that recorded recipes have.
 */
import type { Call } from "../../recipe/index.js";
import { callArgument, isSet } from "./call.js";
import type { Operation } from "./operations.js";

const understood = namesOf({
  Query: `_builtinContainer _cacheVolume _httpState address cacheVolume changeset container currentModule
    currentWorkspace defaultPlatform directory envFile file git host http json moduleSource secret setSecret`,
  Address: "container directory file gitRef gitRepository secret service socket value",
  Changeset: `addedPaths after asPatch before diffStats isEmpty layer modifiedPaths removedPaths withChangeset
    withChangesets`,
  Container: `asService asTarball combinedOutput defaultArgs directory dockerHealthcheck entrypoint envVariable
    envVariables exists exitCode experimentalWithAllGPUs experimentalWithGPU export exportImage exposedPorts file from
    imageRef import label labels layer manifest mounts platform publish rootfs stat stderr stdout up user withAnnotation
    withDefaultArgs withDefaultTerminalCmd withDirectory withDockerHealthcheck withEntrypoint withEnvFileVariables
    withEnvVariable withError withExec withExposedPort withFile withFiles withLabel withMountedCache withMountedDirectory
    withMountedFile withMountedSecret withMountedTemp withMountedVolume withNewFile withRegistryAuth withRootfs withSecretVariable
    withServiceBinding withSymlink withUnixSocket withUser withVolatileVariable withWorkdir withoutAnnotation
    withoutDefaultArgs withoutDirectory withoutDockerHealthcheck withoutEntrypoint withoutEnvVariable withoutExposedPort
    withoutFile withoutFiles withoutLabel withoutMount withoutRegistryAuth withoutSecretVariable withoutUnixSocket
    withoutUser withoutVolatileVariable withoutWorkdir workdir`,
  CurrentModule: "name source",
  DiffStat: "addedLines kind oldPath path removedLines",
  Directory: `asGit asModule asModuleSource changes chown diff digest directory entries exists export file filter findUp
    glob name search stat withChanges withDirectory withError withFile withFiles withNewDirectory withNewFile withPatch
    withPatchFile withSymlink withTimestamps withoutDirectory withoutFile withoutFiles`,
  EnvFile: "asFile exists get namespace variables withVariable withoutVariable",
  EnvVariable: "name value",
  File: `asEnvFile asJSON chown contents digest export name search size stat withName withReplaced withTimestamps`,
  GitCommit: `ancestorReleaseTag authorEmail authorName authoredDate committedDate committerEmail committerName message
    messageBody messageHeadline parentShas releaseTag sha shortSha tree`,
  GitRef: "asWorkspace commit commitSHA commonAncestor log name ref targetCommit tree",
  GitRepository:
    "__cleaned asWorkspace branch branches commit head latestVersion ref tag tags uncommitted url",
  HealthcheckConfig: "args interval retries shell startInterval startPeriod timeout",
  Host: "containerImage directory file service tunnel unixSocket",
  HTTPState: "_resolve",
  JSONValue: `asArray asBoolean asInteger asString contents field fields newBoolean newInteger newString withContents
    withField`,
  Label: "name value",
  Module:
    "_implementationScoped description name sdk serve source withDescription withEnum withInterface withObject",
  ModuleSource: `_implementationScoped asModule asString cloneRef commit configExists contextDirectory digest directory
    engineVersion htmlRepoURL htmlURL kind localContextDirectoryPath moduleName moduleOriginalName originalSubpath pin
    repoRootPath sourceRootSubpath sourceSubpath version withEngineVersion withIncludes withName withSDK
    withSourceSubpath`,
  Port: "description experimentalSkipHealthcheck port protocol",
  SearchResult: "absoluteOffset filePath lineNumber matchedLines submatches",
  SearchSubmatch: "end start text",
  Secret: "name plaintext uri",
  Service: "endpoint hostname ports start stop up withHostname",
  Stat: "fileType name permissions size",
  Workspace: "address clientId configPath directory file hasConfig initialized path",
});

/** Of every type. */
const everywhere: ReadonlySet<string> = new Set(["id", "sync"]);

/** What is not seen, where more can be said of it than that. */
const reasons = new Map([
  ["Address.volume", "what is on the volume"],
  ["Container.build", "what the Dockerfile brings in"],
  ["Container.terminal", "what was done in it"],
  ["CurrentModule.generatedContextDirectory", "what the SDK made"],
  ["CurrentModule.workdir", "how the function's code made it"],
  ["CurrentModule.workdirFile", "how the function's code made it"],
  ["Directory.dockerBuild", "what the Dockerfile brings in"],
  ["Directory.terminal", "what was done in it"],
  ["Host.findUp", "what the host has there"],
  ["Module.generatedContextDirectory", "what the SDK made"],
  ["Module.runtime", "what the SDK made"],
  ["ModuleSource.generatedContextChangeset", "what the SDK made"],
  ["ModuleSource.generatedContextDirectory", "what the SDK made"],
  // Dagger 1.0 names so the directory of change sets that it merged itself, and tells nothing more of it.
  ["Query.changeset_merge_output", "which changes were merged"],
  ["Query.engineVolume", "what is on the volume"],
  ["Query.sshfsVolume", "what is on the volume"],
  ["Service.terminal", "what was done in it"],
  ["Workspace.findUp", "what the host has there"],
]);

/**
 * What may be in the result of a call and that no call in the recipe accounts for; undefined: nothing. What a call has
 * that is called on a value that nobody saw, that value's gap tells.
 */
export function unseenIn({ parent, field, name }: Operation, call: Call): string | undefined {
  const reason = reasons.get(name) ?? (isNested(call) ? "what its command called" : undefined);
  if (reason !== undefined || parent === "Unknown" || everywhere.has(field)) return reason;
  if (parent === "Query" && (field === "node" || /^load\w+FromID$/.test(field)))
    return callArgument(call, "id") === undefined ? "what its id leads to" : undefined;
  // What the engine makes of a public call for itself: it is no field that a client could use.
  const isEngines = field.startsWith("__with");
  return isEngines || understood.get(parent)?.has(field) === true ? undefined : "what it brings in";
}

/** A command that is a client of the engine makes calls of its own, and none of them leads to its result. */
function isNested(call: Call): boolean {
  return isSet(call, "experimentalPrivilegedNesting");
}

function namesOf(lists: Readonly<Record<string, string>>): ReadonlyMap<string, ReadonlySet<string>> {
  return new Map(Object.entries(lists).map(([type, names]) => [type, new Set(names.split(/\s+/))]));
}
