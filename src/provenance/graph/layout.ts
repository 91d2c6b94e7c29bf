/** Where the boxes stand: steps from top to bottom in the middle, inputs at their left, outputs at their right. In pixels. */
import type { Edge, Picture } from "./picture.js";

export type Box = { readonly x: number; readonly y: number; readonly width: number; readonly height: number };
export type Curve = { readonly from: string; readonly to: string; readonly path: string };
export type Layout = {
  readonly width: number;
  readonly height: number;
  readonly inputs: readonly Box[];
  readonly steps: readonly Box[];
  readonly outputs: readonly Box[];
  readonly curves: readonly Curve[];
};

const boxHeight = 46;
const pitch = 58;
const columns = {
  inputs: { x: 0, width: 280 },
  steps: { x: 430, width: 470 },
  outputs: { x: 970, width: 220 },
} as const;
const widestArc = 110;

/** Positions for a picture: as high as its longest column. */
export function layoutOf(picture: Picture): Layout {
  const steps = picture.steps.map((_step, index) => boxAt("steps", index * pitch));
  const inputs = column("inputs", picture.inputs.length, wishes(picture.inputEdges, "from", steps));
  const outputs = column("outputs", picture.outputs.length, wishes(picture.outputEdges, "to", steps));
  const bottoms = [inputs, steps, outputs].map((boxes) =>
    boxes.reduce((low, { y }) => Math.max(low, y + boxHeight), 0),
  );
  return {
    width: columns.outputs.x + columns.outputs.width,
    height: Math.max(boxHeight, ...bottoms),
    inputs,
    steps,
    outputs,
    curves: [
      ...picture.inputEdges.map((edge) => across(edge, ["i", inputs], ["s", steps])),
      ...picture.stepEdges.map((edge) => along(edge, steps)),
      ...picture.outputEdges.map((edge) => across(edge, ["s", steps], ["o", outputs])),
    ],
  };
}

function boxAt(name: keyof typeof columns, y: number): Box {
  return { ...columns[name], y, height: boxHeight };
}

/** The height at which a box would stand beside the first step it belongs to. */
function wishes(edges: readonly Edge[], own: "from" | "to", steps: readonly Box[]): Map<number, number> {
  const wished = new Map<number, number>();
  for (const edge of edges) {
    const y = steps[own === "from" ? edge.to : edge.from]?.y ?? 0;
    wished.set(edge[own], Math.min(wished.get(edge[own]) ?? y, y));
  }
  return wished;
}

/** Boxes in the order of their wishes, pushed down as far as needed to stand clear of each other. */
function column(name: keyof typeof columns, count: number, wished: ReadonlyMap<number, number>): Box[] {
  const order = Array.from({ length: count }, (_, index) => index);
  order.sort((a, b) => (wished.get(a) ?? 0) - (wished.get(b) ?? 0) || a - b);
  const boxes: Box[] = [];
  let free = 0;
  for (const index of order) {
    const y = Math.max(free, wished.get(index) ?? 0);
    boxes[index] = boxAt(name, y);
    free = y + pitch;
  }
  return boxes;
}

/** From the right side of one box to the left side of another. */
function across({ from, to }: Edge, [fromName, fromBoxes]: Side, [toName, toBoxes]: Side): Curve {
  const [a, b] = [fromBoxes[from], toBoxes[to]];
  const x1 = (a?.x ?? 0) + (a?.width ?? 0);
  const x2 = b?.x ?? 0;
  const middle = (x1 + x2) / 2;
  const [y1, y2] = [centre(a), centre(b)];
  return {
    from: `${fromName}${from}`,
    to: `${toName}${to}`,
    path: `M${x1} ${y1}C${middle} ${y1} ${middle} ${y2} ${x2} ${y2}`,
  };
}

type Side = readonly [name: string, boxes: readonly Box[]];

/** Between steps: an arc at their left, wider the further they are apart. */
function along({ from, to }: Edge, steps: readonly Box[]): Curve {
  const [a, b] = [steps[from], steps[to]];
  const x = a?.x ?? 0;
  const out = x - Math.min(widestArc, 14 + 8 * Math.abs(to - from));
  const [y1, y2] = [centre(a) + 8, centre(b) - 8];
  return { from: `s${from}`, to: `s${to}`, path: `M${x} ${y1}C${out} ${y1} ${out} ${y2} ${x} ${y2}` };
}

function centre(box: Box | undefined): number {
  return (box?.y ?? 0) + boxHeight / 2;
}
