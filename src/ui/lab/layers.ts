import { buildGraph } from '../../engine/architectures/index.js';
import { inferShapes } from '../../engine/graph/shapes.js';
import type { LayerGraph, Shape } from '../../engine/graph/types.js';
import type { RunRecord } from '../../engine/storage/records.js';

/** The graph that a run trained, from its settings. */
export function graphOf(run: RunRecord): LayerGraph {
  return buildGraph(run.settings.arch, { size: run.settings.size, classes: run.classes.length, options: run.settings.archOptions });
}

/** The layers whose outputs can be looked at: all but the input. */
export function layersOf(run: RunRecord): { name: string; shape: Shape }[] {
  const graph = graphOf(run);
  const shapes = inferShapes(graph);
  return graph.layers.slice(1).map(({ name }) => ({ name, shape: shapes.get(name)! }));
}
