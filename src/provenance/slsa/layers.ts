/**
 * Which step made which layer of an image. No engine says so in its API; it writes a text for each layer into the
 * image's history, and these texts are laid beside the calls that the image comes from, the last one first. What is told so is
 * `inferred`: the texts are no contract.
 */
import type { JsonValue } from "../../statement/types.js";
import type { ImageDetails, ImageLayer } from "../../subjects/image.js";
import type { Evidence } from "../evidence.js";
import type { Step } from "../evidence/step.js";
import { isRecord, recordsOf, textOf } from "../json.js";
import { hidden } from "../redact.js";

/** A layer with what the image's history says of it: text that was not redacted, and goes no further than here. */
type ToldLayer = ImageLayer & { readonly text: string };

type Json = Readonly<Record<string, JsonValue>>;

/** The layers as the document of steps lists them, each with its step where the texts leave no doubt. */
export function layerList(
  { layers, configuration }: ImageDetails,
  { steps, root }: Pick<Evidence, "steps" | "root">,
): readonly Json[] {
  const makers = layerMakers(toldLayers(layers, configuration), lineageOf(steps, root));
  return layers.map(({ mediaType, digest, size }, index) => {
    const step = makers[index];
    const maker = step === undefined ? {} : { step, source: "history", exactness: "inferred" };
    return { mediaType, digest, size, ...maker };
  });
}

/** None, where the history speaks of another number of layers than there are. */
function toldLayers(layers: readonly ImageLayer[], configuration: unknown): readonly ToldLayer[] {
  const history = isRecord(configuration) ? recordsOf(configuration["history"]) : [];
  const texts = history
    .filter((entry) => entry["empty_layer"] !== true)
    .map((entry) => textOf(entry["created_by"]));
  return texts.length === layers.length
    ? layers.map((layer, index) => ({ ...layer, text: texts[index] ?? "" }))
    : [];
}

/** The calls that the root file system went through, the last one first, down to an image or to what can't be looked into. */
function lineageOf(steps: readonly Step[], root: string | undefined): Step[] {
  const byDigest = new Map(steps.map((step) => [step.digest, step]));
  const lineage: Step[] = [];
  for (let step = byDigest.get(root ?? ""); step !== undefined; step = byDigest.get(step.inputs[0] ?? "")) {
    byDigest.delete(step.digest);
    if (makesNoLayer(step)) continue;
    if (step.kind !== "base" && !textsOf.has(step.operation)) break;
    lineage.push(step);
    if (step.kind === "base") break;
  }
  return lineage;
}

function makesNoLayer({ kind, operation }: Step): boolean {
  return operation === "Container.sync" || kind === "config" || kind === "mount";
}

/** Whether the engine's text of a layer fits the call that is said to have made it. */
type Fits = (step: Step, text: string) => boolean;

/** What the engine writes, by the call that makes it. v0.21.8 and v1.0.0-beta.10 write the same. */
const textsOf: ReadonlyMap<string, Fits> = new Map<string, Fits>([
  ["Container.withExec", isCommandOf],
  ["Container.withFile", atPath(/^withfile (\S+) /)],
  ["Container.withFiles", (_step, text) => /^withfile /.test(text)],
  ["Container.withNewFile", atPath(/^(?:withNewFile|withfile) (\S+) /)],
  ["Container.withDirectory", isDirectory],
  ["Container.__withDirectoryDockerfileCompat", isDirectory],
  ["Container.withSymlink", (_step, text) => /^symlink /.test(text)],
  ["Container.withoutFile", isRemoval],
  ["Container.withoutFiles", isRemoval],
  ["Container.withoutDirectory", isRemoval],
]);

/** With `useEntrypoint`, the entrypoint stands before the command. */
function isCommandOf({ argv = [] }: Step, text: string): boolean {
  const command = /^mount \/ from exec ([\s\S]*)$/.exec(text)?.[1];
  return command !== undefined && fitsHidden(command, argv.join(" "));
}

/** Whether a text ends like the one that had parts of it hidden. */
function fitsHidden(text: string, shown: string): boolean {
  const pieces = shown.split(hidden);
  const last = pieces.pop() ?? "";
  if (pieces.length === 0) return text === last || text.endsWith(` ${last}`);
  let from = 0;
  for (const piece of pieces) {
    const at = text.indexOf(piece, from);
    if (at < 0) return false;
    from = at + piece.length;
  }
  return text.endsWith(last) && text.length - last.length >= from;
}

function isDirectory(_step: Step, text: string): boolean {
  return /^Directory\.withDirectory(?:DockerfileCompat)?$/.test(text);
}

function isRemoval(_step: Step, text: string): boolean {
  return text.startsWith("without ");
}

/** A path that was asked for is relative to the working directory; the engine's is absolute. */
function atPath(form: RegExp): Fits {
  return (step, text) => {
    const [told, asked] = [form.exec(text)?.[1], step.arguments?.["path"]];
    return (
      told !== undefined && typeof asked === "string" && `/${told}`.endsWith(asked.replace(/^\.?\/*/, "/"))
    );
  };
}

/** All that the engine writes of layers that a call made. Of one from its disk or from another image it knows no maker. */
const toldOfCall =
  /^(?:mount \/ from exec |withfile |withNewFile |Directory\.withDirectory|symlink |without )/;

/**
 * The maker of each layer. One text that does not fit the call whose turn it is, and none is told: the count of either is not what
 * it is taken for. Any other text ends it; what was told after it stays.
 */
function layerMakers(
  layers: readonly ToldLayer[],
  lineage: readonly Step[],
): readonly (string | undefined)[] {
  const makers: (string | undefined)[] = layers.map(() => undefined);
  let turn = 0;
  let left = layersOf(lineage[turn]);
  for (let index = layers.length - 1; index >= 0; index -= 1) {
    const { text } = layers[index] ?? { text: "" };
    const step = lineage[turn];
    if (step?.kind === "base") {
      if (layers.slice(0, index + 1).some((layer) => toldOfCall.test(layer.text))) return [];
      return makers.fill(step.digest, 0, index + 1);
    }
    if (step === undefined || !toldOfCall.test(text)) return makers;
    if (textsOf.get(step.operation)?.(step, text) !== true) return [];
    makers[index] = step.digest;
    left -= 1;
    if (left > 0) continue;
    turn += 1;
    left = layersOf(lineage[turn]);
  }
  return makers;
}

/** How many layers a call makes: one, and of several files one each. */
function layersOf(step: Step | undefined): number {
  const sources = step?.operation === "Container.withFiles" ? step.arguments?.["sources"] : undefined;
  return Array.isArray(sources) ? sources.length : 1;
}
