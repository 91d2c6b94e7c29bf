/** The picture as a Mermaid flowchart, for Markdown. https://mermaid.js.org/syntax/flowchart.html */
import type { Evidence } from "../evidence.js";
import { type Picture, pictureOf, type PictureNode } from "./picture.js";
import { sourceColours } from "./style.js";

/** Mermaid refuses more than 500 edges unless told otherwise, and nobody reads more boxes in Markdown. */
const mostNodes = 60;
const mostEdges = 400;
const longestTitle = 60;

/** A flowchart from left to right; a large build is cut, and a box says by how much. */
export function mermaid(evidence: Evidence): string {
  const picture = pictureOf(evidence);
  const inputs = picture.inputs.slice(0, mostNodes);
  const steps = picture.steps.slice(0, mostNodes);
  const outputs = picture.outputs.slice(0, mostNodes);
  const edges = [
    ...picture.inputEdges.map(({ from, to }) => [`i${from}`, `s${to}`] as const),
    ...picture.stepEdges.map(({ from, to }) => [`s${from}`, `s${to}`] as const),
    ...picture.outputEdges.map(({ from, to }) => [`s${from}`, `o${to}`] as const),
  ];
  const drawn = new Set([...ids("i", inputs), ...ids("s", steps), ...ids("o", outputs)]);
  const shown = edges.filter(([from, to]) => drawn.has(from) && drawn.has(to)).slice(0, mostEdges);
  const lines = [
    "flowchart LR",
    ...inputs.map((node, index) => `  i${index}(["${label(node)}"]):::${className(node)}`),
    ...steps.map((node, index) => `  s${index}["${label(node)}"]:::${className(node)}`),
    ...outputs.map((node, index) => `  o${index}[/"${label(node)}"/]:::${className(node)}`),
    ...more(picture),
    ...shown.map(([from, to]) => `  ${from} --> ${to}`),
    ...Object.entries(sourceColours).map(
      ([source, colour]) => `  classDef ${classOf(source)} stroke:${colour},stroke-width:2px`,
    ),
  ];
  return `${lines.join("\n")}\n`;
}

function ids(prefix: string, nodes: readonly unknown[]): string[] {
  return nodes.map((_node, index) => `${prefix}${index}`);
}

function more({ inputs, steps, outputs }: Picture): string[] {
  const count = [inputs, steps, outputs].reduce(
    (sum, { length }) => sum + Math.max(0, length - mostNodes),
    0,
  );
  return count === 0 ? [] : [`  more["${count} more are not drawn"]`];
}

/** Text that can't end a label or start markup: Mermaid reads entities of its own, `#quot;`. */
function label({ title, problem }: PictureNode): string {
  const line = title.replace(/\s+/g, " ");
  const text = line.length > longestTitle ? `${line.slice(0, longestTitle)}…` : line;
  const safe = (problem === undefined ? text : `${text} (${problem})`).replace(
    /[^\p{L}\p{N} .,:/@_…()+=*'-]/gu,
    (character) => `#${character.codePointAt(0) ?? 32};`,
  );
  return safe;
}

function className({ source }: PictureNode): string {
  return classOf(source);
}

function classOf(source: string): string {
  return source.replace("-", "");
}
