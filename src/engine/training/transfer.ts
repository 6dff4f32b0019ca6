import { readCarriedModel } from '../exchange/formats.js';
import { looksLikeHdf5, readKerasWeights } from '../exchange/keras/weights.js';
import { fileName } from '../exchange/model.js';
import { baseLayers } from '../graph/freeze.js';
import type { LayerGraph, Weight } from '../graph/types.js';
import { initialWeights, weightSpecs } from '../graph/weights.js';
import { WinnowError } from '../support/errors.js';
import type { RunSettings } from '../support/settings.js';
import { weightsSha256 } from './measure.js';

/**
 * A network's first weights: the base's from a file, by layer name and shape, so that whatever shares the base will do (vgg16's for
 * vgg16-gap, vgg16-gap's for vgg-light); the head's drawn anew.
 * @returns also the SHA-256 of the weights that were given: a model's all, of a weights file the base's.
 * @throws WinnowError 'model-broken' or 'weights-unfit'.
 */
export async function transfer(file: Blob, graph: LayerGraph, { arch, seed }: Pick<RunSettings, 'arch' | 'seed'>): Promise<{ weights: Weight[]; parent: string }> {
  const source = fileName(file);
  const unfit = (why: string) => new WinnowError('weights-unfit', { source, arch, why });
  const base = new Set(baseLayers(graph));
  const model = looksLikeHdf5(new Uint8Array(await file.slice(0, 8).arrayBuffer())) ? await namedByPosition(file, graph, base, unfit) : (await readCarriedModel(file)).weights;
  const given = new Map(model.map((weight) => [weight.name, weight]));
  const weights = initialWeights(graph, seed).map((fresh) => {
    if (!base.has(fresh.name.slice(0, fresh.name.lastIndexOf('/')))) return fresh;
    const weight = given.get(fresh.name);
    if (!weight) throw unfit(`${fresh.name} is missing`);
    if (String(weight.shape) !== String(fresh.shape)) throw unfit(`${fresh.name} is ${weight.shape.join(' x ')}, not ${fresh.shape.join(' x ')}`);
    return weight;
  });
  return { weights, parent: await weightsSha256(model) };
}

/** Keras has called a kernel W_1:0, kernel:0, kernel; in a layer the order is what counts. */
async function namedByPosition(file: Blob, graph: LayerGraph, base: ReadonlySet<string>, unfit: (why: string) => WinnowError): Promise<Weight[]> {
  const stored = await readKerasWeights(file, [...base]);
  const specs = weightSpecs(graph);
  return [...stored].flatMap(([layer, weights]) => {
    const places = specs.filter((spec) => spec.layer === layer);
    if (weights.length !== places.length) throw unfit(`${layer} has ${weights.length} weights, not ${places.length}`);
    return weights.map((weight, index) => ({ ...weight, name: places[index].name }));
  });
}
