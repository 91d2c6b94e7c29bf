/** Builds of Dockerfiles in a call graph: the file of each, read where the engine still has it. */
import { posix } from "node:path";

import { mapParallel } from "../../parallel.js";
import type { Call, Literal, Recipe } from "../../recipe/index.js";
import { callArgument, argument, textArgument, textOfLiteral } from "../recipe/call.js";
import { type LeafFacts, questionsAtOnce } from "../recipe/resolve.js";
import { type Redactor, shownReason } from "../redact.js";
import { longestDockerfile, type ParsedDockerfile, parseDockerfile } from "./parse.js";
import { readInstructions } from "./read.js";
import type { DockerfileReading } from "./reading.js";
import { secretsInDockerfile } from "./secrets.js";

/** Port to the engine that the graph came from. */
export type DockerfilePort = {
  /**
   * The text of a file in a directory.
   * @throws Error with the reason when it can't be read, or may be another file by now
   */
  readonly textIn: (question: FileQuestion) => Promise<string>;
  /** What the engine says now of an image; undefined when it does not know. */
  readonly image: (address: string, platform: string | undefined) => Promise<LeafFacts | undefined>;
  /** Platform of the machine that builds. */
  readonly buildPlatform?: string;
};

export type FileQuestion = {
  readonly recipe: Recipe;
  /** Digest of the call that gave the directory. */
  readonly directory: string;
  /** Id of the directory, where this session handed it over and no call of the recipe gave it. */
  readonly handedId?: string;
  readonly path: string;
  /** Bytes that are read at most. */
  readonly longest: number;
};

/** The file of a build, or why there is none. */
export type OpenedFile = { readonly parsed: ParsedDockerfile } | { readonly because: string };

/** Images that are asked for; a Dockerfile of more is hardly one that somebody wrote. */
const mostImages = 64;

/** Id of a directory that this session handed over, by the digest that the recipe has for it. */
export type HandedId = (directory: string) => string | undefined;

/** True for a call that builds a Dockerfile. */
export function isBuild({ module, field }: Call): boolean {
  return module === undefined && (field === "dockerBuild" || field === "build");
}

/** Digest of the call that gave the directory. */
export function contextOf(call: Call): string | undefined {
  return call.field === "dockerBuild" ? call.receiver : callArgument(call, "context");
}

/** Path of the file in the directory. */
export function fileOf(call: Call): string {
  const path = textArgument(call, "dockerfile") ?? "";
  return path === "" ? "Dockerfile" : path;
}

/** The files of the builds, by the digest of the build's call. */
export async function openDockerfiles(
  builds: readonly Call[],
  recipe: Recipe,
  port: DockerfilePort,
  handedId: HandedId = () => undefined,
): Promise<Map<string, OpenedFile>> {
  const files = await mapParallel(builds, questionsAtOnce, async (call): Promise<[string, OpenedFile]> => {
    return [call.digest, await open(call, recipe, port, handedId)];
  });
  return new Map(files);
}

async function open(
  call: Call,
  recipe: Recipe,
  port: DockerfilePort,
  handedId: HandedId,
): Promise<OpenedFile> {
  const context = contextOf(call);
  if (context === undefined) return { because: "nothing tells which directory was built" };
  const where = { recipe, directory: context, path: fileOf(call), longest: longestDockerfile };
  try {
    const text = await port.textIn({ ...where, ...inHanded(recipe, context, where.path, handedId) });
    return { parsed: await parseDockerfile(text) };
  } catch (error) {
    return { because: shownReason(error) };
  }
}

/** Where the file is in a directory that was handed over: the build may have been given a part of it. */
function inHanded(
  recipe: Recipe,
  directory: string,
  path: string,
  handedId: HandedId,
): Pick<FileQuestion, "handedId" | "path"> {
  const parts = [path];
  for (let at = directory, hops = 0; hops < 16; hops++) {
    const id = handedId(at);
    if (id !== undefined) return { handedId: id, path: posix.join(...parts) };
    const call = recipe.calls.get(at);
    const part =
      call?.field === "directory" && call.module === undefined ? textArgument(call, "path") : undefined;
    if (call?.receiver === undefined || part === undefined) break;
    parts.unshift(part);
    at = call.receiver;
  }
  return { path };
}

/** What the files themselves betray. */
export function secretsIn(files: ReadonlyMap<string, OpenedFile>): string[] {
  return [...files.values()].flatMap((file) => ("parsed" in file ? secretsInDockerfile(file.parsed) : []));
}

/**
 * What a build's file says, with what the engine says now of the images that it names.
 * @param number which of the value's builds it is, from 1
 */
export async function readBuild(
  call: Call,
  parsed: ParsedDockerfile,
  number: number,
  redactor: Redactor,
  port: DockerfilePort,
): Promise<DockerfileReading> {
  const platform = textArgument(call, "platform");
  const context = contextOf(call);
  const reading = readInstructions(parsed, {
    file: fileOf(call),
    number,
    target: textArgument(call, "target") ?? "",
    buildArgs: buildArgsOf(argument(call, "buildArgs")),
    redactor,
    ...(platform === undefined ? {} : { platform }),
    ...(port.buildPlatform === undefined ? {} : { buildPlatform: port.buildPlatform }),
    ...(context === undefined ? {} : { context }),
  });
  await mapParallel(reading.images.slice(0, mostImages), questionsAtOnce, async (image) => {
    const material = reading.materials[image.material];
    if (material === undefined || Object.keys(material.digests).length > 0) return;
    reading.materials[image.material] = { ...material, ...(await digestsOf(image, port)) };
  });
  return reading;
}

/** The run is over, as far as anybody here knows: the tag may name another image now. */
async function digestsOf(
  { address, platform }: { readonly address: string; readonly platform?: string },
  port: DockerfilePort,
): Promise<Pick<LeafFacts, "digests"> & { readonly digestSource?: "metadata"; readonly missing?: string }> {
  try {
    const digests = (await port.image(address, platform))?.digests ?? {};
    return Object.keys(digests).length > 0
      ? { digests, digestSource: "metadata" }
      : { digests, missing: "the engine does not know it" };
  } catch (error) {
    return { digests: {}, missing: `the engine refused: ${shownReason(error)}` };
  }
}

function buildArgsOf(literal: Literal | undefined): Map<string, string> {
  const values = literal?.kind === "list" ? literal.values : [];
  return new Map(
    values.flatMap((item) => {
      if (item.kind !== "object") return [];
      const text = (name: string) => textOfLiteral(item.values.find((one) => one.name === name)?.value);
      const [name, value] = [text("name"), text("value")];
      return name === undefined || value === undefined ? [] : [[name, value] as const];
    }),
  );
}

/** What stays unseen of a build whose file was read, for its gap. */
export function unseenOf({ materials, unknownLines, images }: DockerfileReading): string {
  const lines = [...new Set(unknownLines)].sort((a, b) => a - b);
  const others = materials.length - images.length;
  const unknown = [
    ...(images.length === 0
      ? []
      : [`which of ${counted(images.length, "image")} it took and what their ONBUILD triggers brought in`]),
    ...(others === 0 ? [] : [`what ${counted(others, "download")} gave`]),
    ...(lines.length === 0 ? [] : [`what line${lines.length === 1 ? "" : "s"} ${lines.join(", ")} named`]),
  ];
  const seen = "its Dockerfile was read and the build was not seen";
  return unknown.length === 0 ? seen : `${seen}; not known: ${unknown.join("; ")}`;
}

function counted(count: number, what: string): string {
  return `${count} ${what}${count === 1 ? "" : "s"}`;
}
