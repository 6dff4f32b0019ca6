import { mapActivity, paintMaps } from '../engine/insight/feature-maps.js';
import { paintHeat, type GradCam } from '../engine/insight/grad-cam.js';
import type { TrainingEngine } from '../engine/gpu/engine.js';
import type { LayerGraph } from '../engine/graph/types.js';
import { WinnowError } from '../engine/support/errors.js';
import type { PaintedMaps } from './contract.js';

/** Side of the painted heat, pixels: it is smooth, and grows with the photo. */
const HEAT_SIDE = 192;

/** @param pixels one photo as the network sees it. @throws 'call-invalid' where the network has no such layer. */
export async function paintLayer(engine: TrainingEngine, graph: LayerGraph, layer: string, pixels: Uint8Array<ArrayBuffer>): Promise<PaintedMaps> {
  if (!graph.layers.some(({ name, type }) => name === layer && type !== 'input')) throw new WinnowError('call-invalid', { why: `this network has no layer ${layer}` });
  const output = graph.layers.at(-1)!.name;
  const [maps, probabilities] = await engine.featureMaps(pixels, [layer, output]);
  const { rgba, width, height, columns, tile } = paintMaps(maps, 'map');
  const bitmap = await createImageBitmap(new ImageData(rgba, width, height));
  return { layer, shape: maps.shape, bitmap, columns, tile, ...mapActivity(maps), probabilities: [...probabilities.data] };
}

/** Grad-CAM as a picture to lay over the photo. */
export function heatBitmap(cam: Pick<GradCam, 'heat' | 'height' | 'width'>): Promise<ImageBitmap> {
  return createImageBitmap(new ImageData(paintHeat(cam, HEAT_SIDE), HEAT_SIDE, HEAT_SIDE));
}
