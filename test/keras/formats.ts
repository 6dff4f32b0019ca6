/**
 * Node's half of the proof of the formats (`npm run parity`). `write DIR`: the ten networks in every form, with what our reference engine
 * answers to a batch of photos. `read DIR`: reads back what Keras has saved of them.
 */
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { architectures } from '../../src/engine/architectures/index.js';
import { modelFormats, readCarriedModel, readModel } from '../../src/engine/exchange/formats.js';
import type { Model } from '../../src/engine/exchange/model.js';
import { openDevice } from '../../src/engine/gpu/device.js';
import { ReferenceEngine } from '../../src/engine/gpu/reference/engine.js';
import { inferShapes } from '../../src/engine/graph/shapes.js';
import { JavaScriptRuntime } from '../../src/engine/inference/javascript.js';
import { exampleCard, everyLayer } from '../engine/exchange/example.js';
import { batchOf, graphOf, weightsOf } from './networks.js';

const CLASSES = 5;
const BATCH = 4;
const SIZE = 40;
const TOLERANCE = 1e-5;
/** Of VGG16's kind there are 134 million weights at full width, a minute's work for tfjs on a CPU. */
const WIDTH: Readonly<Record<string, number>> = { vgg16: 0.25, 'vgg16-gap': 0.25, 'vgg-light': 0.25 };

function networks(): { name: string; model: Model }[] {
  const graphs = architectures.map(({ id }): [string, Model['graph']] => [id, graphOf({ id, size: SIZE, classes: CLASSES, width: WIDTH[id] ?? 1 })]);
  return [...graphs, ['every-layer', everyLayer()] as const].map(([name, graph]) => ({ name, model: { graph, weights: weightsOf(graph), card: exampleCard(graph) } }));
}

async function write(folder: string): Promise<void> {
  await mkdir(folder, { recursive: true });
  const device = await openDevice('cpu');
  for (const { name, model } of networks()) {
    for (const { extension, write: pack } of Object.values(modelFormats)) await writeFile(join(folder, `${name}.${extension}`), Buffer.from(await (await pack(model)).arrayBuffer()));
    const size = model.graph.input[0];
    const { pixels } = batchOf(0, { batch: BATCH, size, classes: CLASSES });
    const engine = new ReferenceEngine(device, { ...model, batch: BATCH, optimizer: { kind: 'sgd', learningRate: 0, momentum: 0 }, loss: { labelSmoothing: 0, classWeights: null }, seed: 0 });
    const probabilities = [...(await engine.predict(pixels, BATCH))];
    engine.dispose();
    const shapes = [...inferShapes(model.graph)].map(([layer, shape]) => [layer, shape]);
    await writeFile(join(folder, `${name}.json`), JSON.stringify({ batch: BATCH, size, classes: CLASSES, pixels: [...pixels], probabilities, shapes }));
    // What the page does without WebGPU; with it, test/engine/inference.
    const page = await readModel(new File([await readFile(join(folder, `${name}.html`))], `${name}.html`));
    const answers = await new JavaScriptRuntime(page).predict(pixels, BATCH);
    const error = probabilities.reduce((most, value, i) => Math.max(most, Math.abs(value - answers[i])), 0);
    if (!(error < TOLERANCE)) throw new Error(`${name}: the page's own JavaScript is ${error} from the reference`);
    process.stdout.write(`${name}: as a page, in plain JavaScript, ${error.toExponential(1)} from the reference\n`);
  }
  device.close();
}

async function read(folder: string): Promise<void> {
  for (const { name, model } of networks()) {
    const file = new File([await readFile(join(folder, `${name}.resaved.keras`))], `${name}.resaved.keras`);
    const { graph, weights, card } = await readCarriedModel(file);
    if (card !== null) throw new Error(`${name}: Keras does not keep the card, yet there is one`);
    const byName = <T extends { name: string }>(items: readonly T[]) => JSON.stringify(items.map(({ name: own, ...rest }) => ({ own, ...rest, group: undefined })).sort((a, b) => (a.own < b.own ? -1 : 1)));
    if (byName(graph.layers) !== byName(model.graph.layers)) throw new Error(`${name}: Keras saved another graph`);
    const given = new Map(weights.map((weight) => [weight.name, weight.data]));
    for (const weight of model.weights) if (!weight.data.every((value, at) => value === given.get(weight.name)![at])) throw new Error(`${name}: ${weight.name} came back changed`);
    process.stdout.write(`${name} came back through Keras: ${weights.length} weights, bit for bit\n`);
  }
}

const [command, folder] = process.argv.slice(2);
await (command === 'write' ? write(folder) : read(folder));
