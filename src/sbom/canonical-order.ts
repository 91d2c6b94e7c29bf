/**
 * Puts the nodes of a graph into an order that depends on what the nodes say and how they are tied,
 * never on how they came in or what they are called: colour refinement (1-dimensional
 * Weisfeiler-Leman), and where it leaves nodes alike, one of them is set apart and the refinement
 * goes on. What stays alike in a tree can be exchanged by a symmetry of the tree, so it is the same
 * which one is taken. In other graphs that holds as well, but for constructions like two rings of
 * unequal length made of equal nodes.
 */
import { byCodeUnits, push } from "./edit.js";

export type Graph = {
  /** What each node says: equal for nodes that only their place can tell apart. */
  readonly contents: ReadonlyMap<string, string>;
  /** Ties in both directions; a neighbour that is no key of `contents` counts by its own name. */
  readonly below: ReadonlyMap<string, readonly string[]>;
  readonly above: ReadonlyMap<string, readonly string[]>;
};

/**
 * Nodes of one colour are not told apart (yet). A colour is a number: which one a group gets is
 * decided by contents and ties alone, hence the order of the colours is the order of the nodes.
 */
type Colouring = {
  readonly colours: Map<string, number>;
  readonly cells: Set<string>[];
  /** By colour, the nodes with a neighbour that changed its colour since the cell was last split; none that are alone. */
  readonly touched: Map<number, Set<string>>;
};

/** The keys of `contents` in canonical order. */
export function canonicalOrder(graph: Graph): string[] {
  const colouring = colourByContent(graph);
  refine(graph, colouring);
  // New colours are always behind the old ones: what is single before `colour` stays so.
  for (let colour = 0; colour < colouring.cells.length; colour += 1) {
    for (;;) {
      const [first, second] = colouring.cells[colour] ?? [];
      if (first === undefined || second === undefined) break;
      recolour(graph, colouring, colour, [[first]]);
      refine(graph, colouring);
    }
  }
  return colouring.cells.flatMap((cell) => [...cell]);
}

function colourByContent({ contents }: Graph): Colouring {
  const colouring: Colouring = { colours: new Map(), cells: [], touched: new Map() };
  const groups = groupBy(contents.keys(), (node) => contents.get(node) ?? "");
  for (const [, cell] of inOrder(groups)) addCell(colouring, cell);
  for (const node of contents.keys()) touch(colouring, node);
  return colouring;
}

/** Splits cells until the neighbours of all nodes of a colour have the same colours. */
function refine(graph: Graph, colouring: Colouring): void {
  const { touched } = colouring;
  while (touched.size > 0) {
    for (const colour of [...touched.keys()].sort((a, b) => a - b)) {
      const nodes = touched.get(colour) ?? new Set();
      touched.delete(colour);
      split(graph, colouring, colour, nodes);
    }
  }
}

function split(graph: Graph, colouring: Colouring, colour: number, touched: ReadonlySet<string>): void {
  const cell = colouring.cells[colour] ?? new Set();
  const tiesOf = (node: string): string => describeTies(graph, colouring, node);
  const groups = inOrder(groupBy(touched, tiesOf));
  // The others were alike when the cell was last split, and nothing around them has changed.
  const other = touched.size < cell.size ? firstOutside(cell, touched) : undefined;
  const kept = other === undefined ? groups[0]?.[0] : tiesOf(other);
  const moved = groups.filter(([ties]) => ties !== kept).map(([, group]) => group);
  recolour(graph, colouring, colour, moved);
}

/** Moves groups of nodes out of their cell, each into a new one. */
function recolour(graph: Graph, colouring: Colouring, from: number, groups: readonly string[][]): void {
  for (const group of groups) {
    for (const node of group) colouring.cells[from]?.delete(node);
    addCell(colouring, group);
  }
  // Only when all are where they belong: a neighbour may be of the same cell.
  for (const node of groups.flat()) {
    graph.below.get(node)?.forEach((each) => touch(colouring, each));
    graph.above.get(node)?.forEach((each) => touch(colouring, each));
  }
}

function addCell({ colours, cells }: Colouring, nodes: readonly string[]): void {
  for (const node of nodes) colours.set(node, cells.length);
  cells.push(new Set(nodes));
}

function touch({ colours, cells, touched }: Colouring, node: string): void {
  const colour = colours.get(node);
  // What is alone in its cell can't be split any more.
  if (colour === undefined || (cells[colour]?.size ?? 0) < 2) return;
  const others = touched.get(colour);
  if (others === undefined) touched.set(colour, new Set([node]));
  else others.add(node);
}

function describeTies({ below, above }: Graph, { colours }: Colouring, node: string): string {
  const described = (neighbours: readonly string[] = []): string[] =>
    neighbours.map((each) => `${colours.get(each) ?? `=${each}`}`).sort(byCodeUnits);
  return JSON.stringify([described(below.get(node)), described(above.get(node))]);
}

function firstOutside(cell: ReadonlySet<string>, touched: ReadonlySet<string>): string | undefined {
  for (const node of cell) if (!touched.has(node)) return node;
  return undefined;
}

function groupBy(nodes: Iterable<string>, keyOf: (node: string) => string): Map<string, string[]> {
  const groups = new Map<string, string[]>();
  for (const node of nodes) push(groups, keyOf(node), node);
  return groups;
}

function inOrder(groups: ReadonlyMap<string, string[]>): [string, string[]][] {
  return [...groups].sort(([a], [b]) => byCodeUnits(a, b));
}
