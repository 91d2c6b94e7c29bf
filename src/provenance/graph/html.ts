/** The picture as one HTML file: no network, no library, usable with the keyboard alone. */
import { escapeUTF8 } from "entities/escape";
import type { Evidence } from "../evidence.js";
import type { Completeness } from "../slsa/types.js";
import { type Box, type Curve, layoutOf } from "./layout.js";
import { type Picture, pictureOf, type PictureNode, type PictureStep } from "./picture.js";
import { script, sourceColours, style } from "./style.js";

/** Boxes of one column that are drawn; a browser is slow beyond, and the page says how many are not. */
const mostBoxes = 2_000;

/** Gaps that show without a click. */
const firstGaps = 8;

/**
 * A page that shows the build: inputs left, steps, outputs right; the source of each fact by colour and
 * name; gaps; time and memory. A click or Enter on a box opens its facts.
 * @param title heading of the page, as in the name of the image.
 */
export function graph(evidence: Evidence, title: string, completeness?: Completeness): string {
  const whole = pictureOf(evidence, completeness);
  const picture = cut(whole);
  const layout = layoutOf(picture);
  const longest = Math.max(1, ...picture.steps.map(({ milliseconds }) => milliseconds ?? 0));
  const boxes = [
    ...picture.inputs.map((node, index) => box(`i${index}`, "input", node, layout.inputs[index], meta(node))),
    ...picture.steps.map((step, index) =>
      box(`s${index}`, step.kind, step, layout.steps[index], stepMeta(step), bar(step, longest)),
    ),
    ...picture.outputs.map((node, index) =>
      box(`o${index}`, "output", node, layout.outputs[index], meta(node)),
    ),
  ];
  const size = `width:${layout.width}px;height:${layout.height}px`;
  return `<!doctype html>
<html lang="en"><head><meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'; script-src 'unsafe-inline'">
<meta name="viewport" content="width=device-width,initial-scale=1">
<title>${escapeUTF8(title)}: provenance</title><style>${style}</style></head><body>
<h1>${escapeUTF8(title)}</h1>
${summary(whole)}${leftOut(whole)}${legend(picture)}
<p class="tools"><label>Find <input id="filter" type="search" placeholder="command, image, digest"></label> <span id="hits" role="status"></span></p>
<div class="scroll"><div class="heads" style="width:${layout.width}px">${heading("Inputs", 0)}${heading("Steps", layout.steps[0]?.x ?? 430)}${heading("Outputs", layout.outputs[0]?.x ?? 970)}</div>
<main class="canvas" style="${size}"><svg width="${layout.width}" height="${layout.height}" aria-hidden="true">${layout.curves.map(path).join("")}</svg>
${boxes.join("\n")}</main></div>
<section id="facts" aria-live="polite" hidden><button id="close" type="button">Close (Esc)</button><h2></h2><dl></dl></section>
<script type="application/json" id="data">${factsJson(picture)}</script>
<script>${script}</script></body></html>
`;
}

function cut(picture: Picture): Picture {
  const known = (from: readonly unknown[], to: readonly unknown[]) => (edge: { from: number; to: number }) =>
    edge.from < from.length && edge.to < to.length;
  const [inputs, steps, outputs] = [
    picture.inputs.slice(0, mostBoxes),
    picture.steps.slice(0, mostBoxes),
    picture.outputs.slice(0, mostBoxes),
  ];
  return {
    ...picture,
    inputs,
    steps,
    outputs,
    inputEdges: picture.inputEdges.filter(known(inputs, steps)),
    stepEdges: picture.stepEdges.filter(known(steps, steps)),
    outputEdges: picture.outputEdges.filter(known(steps, outputs)),
  };
}

function leftOut({ inputs, steps, outputs }: Picture): string {
  const more = [inputs, steps, outputs].reduce((sum, { length }) => sum + Math.max(0, length - mostBoxes), 0);
  return more === 0 ? "" : `<p><b>${more} more boxes are not drawn.</b> The statement has them all.</p>`;
}

function summary({ completeness, inputs, steps }: Picture): string {
  const { materials, steps: seen, usage, gaps, notes, contradictions = [] } = completeness;
  const problems = [...gaps, ...contradictions.map((text) => `contradiction: ${text}`)];
  return `<p>${inputs.length} inputs, ${steps.length} steps. Materials: <b>${materials}</b>, steps: <b>${seen}</b>, usage: <b>${usage}</b>.</p>
${problems.length === 0 ? "" : `<div class="gaps"><h2>What is not known</h2><ul>${list(problems.slice(0, firstGaps))}</ul>${moreGaps(problems)}</div>`}
${notes.length === 0 ? "" : `<details class="notes"><summary>Notes</summary><ul>${list(notes)}</ul></details>`}`;
}

function list(items: readonly string[]): string {
  return items.map((item) => `<li>${escapeUTF8(item)}</li>`).join("");
}

function moreGaps(problems: readonly string[]): string {
  const rest = problems.slice(firstGaps);
  return rest.length === 0
    ? ""
    : `<details><summary>${rest.length} more</summary><ul>${list(rest)}</ul></details>`;
}

function legend({ inputs, steps, outputs }: Picture): string {
  const used = new Set([...inputs, ...steps, ...outputs].map(({ source }) => source));
  const items = Object.keys(sourceColours).filter((source) => [...used].some((one) => one === source));
  return `<ul class="legend">${items.map((source) => `<li class="from-${source}"><span></span>${source}</li>`).join("")}</ul>`;
}

function heading(text: string, x: number): string {
  return `<h2 style="left:${x}px">${text}</h2>`;
}

function path({ from, to, path: line }: Curve): string {
  return `<path data-from="${from}" data-to="${to}" d="${line}"/>`;
}

function box(
  id: string,
  kind: string,
  node: PictureNode,
  place: Box | undefined,
  text: string,
  inside = "",
): string {
  const { x, y, width, height } = place ?? { x: 0, y: 0, width: 0, height: 0 };
  const position = `left:${x}px;top:${y}px;width:${width}px;height:${height}px`;
  const problem = node.problem === undefined ? "" : ` problem`;
  const hint = escapeUTF8(`${node.title}\n${text.replace(/<\/?b>/g, "")}`);
  return `<button type="button" id="${id}" class="node ${kind} from-${node.source}${problem}" style="${position}" aria-pressed="false" title="${hint}"><span class="title">${escapeUTF8(node.title)}</span><span class="meta">${text}</span>${inside}</button>`;
}

/** Plain words and numbers only: they need no escaping. */
function meta({ source, exactness, problem }: PictureNode): string {
  return [...(problem === undefined ? [] : [`<b>${problem}</b>`]), source, exactness].join(" · ");
}

function stepMeta(step: PictureStep): string {
  return [
    ...(step.milliseconds === undefined ? [] : [duration(step.milliseconds)]),
    ...(step.memoryBytes === undefined ? [] : [`${(step.memoryBytes / 1e6).toFixed(1)} MB`]),
    ...(step.outcome === "cached" ? ["cached"] : []),
    meta(step),
  ].join(" · ");
}

function duration(milliseconds: number): string {
  return milliseconds < 1000 ? `${milliseconds} ms` : `${(milliseconds / 1000).toFixed(1)} s`;
}

function bar({ milliseconds = 0 }: PictureStep, longest: number): string {
  return milliseconds === 0
    ? ""
    : `<span class="bar" style="width:${((milliseconds / longest) * 100).toFixed(1)}%"></span>`;
}

/** JSON that no text in it can end early: `<` never stands in it. */
function factsJson({ inputs, steps, outputs }: Picture): string {
  const of = (prefix: string, nodes: readonly PictureNode[]) =>
    nodes.map(({ facts }, index) => [`${prefix}${index}`, facts]);
  const facts: unknown = Object.fromEntries([...of("i", inputs), ...of("s", steps), ...of("o", outputs)]);
  return JSON.stringify(facts).replaceAll("<", "\\u003c");
}
