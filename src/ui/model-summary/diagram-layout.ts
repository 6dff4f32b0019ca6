import { inferShapes } from '../../engine/graph/shapes.js';
import type { Layer, LayerGraph, Shape } from '../../engine/graph/types.js';

export type BlockKind = 'input' | 'conv' | 'depthwise' | 'pool' | 'dense' | 'output';

/** One layer as it is drawn: as high as its maps have rows, as wide as it has channels. */
export interface Block {
  readonly kind: BlockKind;
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly height: number;
}

export interface Box {
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly height: number;
}

/** In CSS pixels. */
export interface Diagram {
  readonly width: number;
  readonly height: number;
  readonly blocks: readonly Block[];
  /** Frames around blocks that lie beside each other: an inception module's branches. */
  readonly modules: readonly Box[];
}

export type KindCounts = Readonly<Record<'conv' | 'depthwise' | 'pool' | 'dense', number>>;

const HEIGHT = 60;
const MOST_WIDTH = 236;
/** A small network is not blown up further: a longer drawing is a deeper network. */
const MOST_STRETCH = 1.7;
const GAP = 2;
const BRANCH_GAP = 1.5;
const LEAST_BRANCH = 3.5;

/** A layer on its own, or the branches of a module, each in order. */
type Unit = readonly (readonly Layer[])[];

/** Layers that shape or weigh nothing of their own are not drawn: normalisation, activation, dropout, flatten, concatenation. */
export function layDiagram(graph: LayerGraph): Diagram {
  const shapes = inferShapes(graph);
  const last = graph.layers.at(-1)!;
  const sizeOf = (layer: Layer): { kind: BlockKind; width: number; height: number } => {
    const shape = shapes.get(layer.name)!;
    const kind = kindOf(layer)!;
    if (layer === last || shape.length === 1) return { kind: layer === last ? 'output' : kind, width: 4, height: Math.min(HEIGHT - 4, 4 + 4.3 * Math.log2(1 + elementsOf(shape))) };
    const [rows, , channels] = shape;
    return { kind, width: kind === 'pool' || kind === 'input' ? 2 : 1 + Math.log2(channels), height: 6 + (HEIGHT - 10) * Math.sqrt(rows / graph.input[0]) };
  };
  const blocks: Block[] = [];
  const modules: Box[] = [];
  let x = 0;
  for (const unit of unitsOf(graph)) {
    const branches = unit.map((branch) => branch.map(sizeOf));
    if (branches.length === 1) {
      for (const size of branches[0]) {
        blocks.push({ ...size, x, y: (HEIGHT - size.height) / 2 });
        x += size.width + GAP;
      }
      continue;
    }
    // One branch above the other, together as high as the module's maps.
    const pad = 2;
    const tallest = Math.max(...branches.flat().map(({ height }) => height));
    const each = Math.max(LEAST_BRANCH, (tallest - (branches.length - 1) * BRANCH_GAP) / branches.length);
    const height = branches.length * each + (branches.length - 1) * BRANCH_GAP;
    const top = (HEIGHT - height) / 2;
    const width = Math.max(...branches.map((branch) => branch.reduce((sum, size) => sum + size.width + GAP, -GAP)));
    modules.push({ x, y: top - pad, width: width + 2 * pad, height: height + 2 * pad });
    branches.forEach((branch, index) => {
      // A branch ends where the module ends: what is concatenated stands in one line.
      let at = x + pad + width - branch.reduce((sum, size) => sum + size.width + GAP, -GAP);
      for (const { kind, width: wide } of branch) {
        blocks.push({ kind, x: at, y: top + index * (each + BRANCH_GAP), width: wide, height: each });
        at += wide + GAP;
      }
    });
    x += width + 2 * pad + GAP;
  }
  const natural = x - GAP;
  const stretch = Math.min(MOST_STRETCH, MOST_WIDTH / natural);
  const stretched = <B extends Box>(box: B): B => ({ ...box, x: box.x * stretch, width: box.width * stretch });
  return { width: natural * stretch, height: HEIGHT, blocks: blocks.map(stretched), modules: modules.map(stretched) };
}

/** How many layers of each kind a graph has, in words beside the drawing. */
export function countKinds(graph: LayerGraph): KindCounts {
  const counts = { conv: 0, depthwise: 0, pool: 0, dense: 0 };
  for (const layer of graph.layers) {
    const kind = kindOf(layer);
    if (kind !== null && kind !== 'input' && kind !== 'output') counts[kind]++;
  }
  return counts;
}

function kindOf(layer: Layer): BlockKind | null {
  switch (layer.type) {
    case 'input':
      return 'input';
    case 'conv2d':
      return 'conv';
    case 'depthwiseConv2d':
      return 'depthwise';
    case 'dense':
      return 'dense';
    case 'maxPool2d':
    case 'avgPool2d':
    case 'globalAvgPool2d':
      return 'pool';
    case 'batchNorm':
    case 'activation':
    case 'dropout':
    case 'concat':
    case 'flatten':
      return null;
  }
}

function unitsOf(graph: LayerGraph): Unit[] {
  const units: Unit[] = [];
  for (let at = 0; at < graph.layers.length; at++) {
    const { group } = graph.layers[at];
    if (group === undefined) {
      if (kindOf(graph.layers[at]) !== null) units.push([[graph.layers[at]]]);
      continue;
    }
    const members = graph.layers.slice(at).filter((layer) => layer.group === group);
    units.push(branchesOf(members));
    at += members.length - 1;
  }
  return units;
}

/** The ways into a module's last concatenation; one way where there is none. */
function branchesOf(members: readonly Layer[]): Unit {
  const byName = new Map(members.map((layer) => [layer.name, layer]));
  const join = members.findLast(({ type }) => type === 'concat');
  const drawn = (layers: readonly Layer[]) => layers.filter((layer) => kindOf(layer) !== null);
  if (!join) return [drawn(members)];
  return join.inputs.map((end) => {
    const way: Layer[] = [];
    for (let layer = byName.get(end); layer; layer = byName.get(layer.inputs[0])) way.unshift(layer);
    return drawn(way);
  });
}

function elementsOf(shape: Shape): number {
  return shape.reduce((product, length) => product * length, 1);
}
