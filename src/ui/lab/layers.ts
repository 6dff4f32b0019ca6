import { graphOfRun } from '../../engine/architectures/index.js';
import { layerCosts } from '../../engine/graph/costs.js';
import { inferShapes } from '../../engine/graph/shapes.js';
import { hasKernel } from '../../engine/insight/filters.js';
import { camLayers, lastCamLayer } from '../../engine/insight/grad-cam.js';
import type { RunRecord } from '../../engine/storage/records.js';
import type { LayerChoice } from '../feature-maps/feature-maps.js';

/** The layers whose outputs can be looked at: all but the input. */
export function layersOf(run: RunRecord): LayerChoice[] {
  const graph = graphOfRun(run);
  const shapes = inferShapes(graph);
  const costs = layerCosts(graph);
  return graph.layers.slice(1).map((layer) => ({
    name: layer.name, shape: shapes.get(layer.name)!, costs: costs.get(layer.name)!, ...(layer.group !== undefined && { group: layer.group }), ...(hasKernel(layer) && { kernel: true }),
  }));
}

/** Where Grad-CAM can be taken. */
export function camLayersOf(run: RunRecord): string[] {
  return camLayers(graphOfRun(run));
}

/** Where it is taken first; null of a network without a convolution. */
export function camLayerOf(run: RunRecord): string | null {
  return lastCamLayer(graphOfRun(run));
}
