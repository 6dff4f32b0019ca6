/**
 * Node's half of the proof of the Keras project (`npm run parity`). `write DIR`: a project, photos of the synthetic rice to train it on, and what
 * Winnow makes of those photos. `read DIR`: reads back what one worker and what two have trained, and holds their numbers against our own engine.
 */
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { buildGraph } from '../../src/engine/architectures/index.js';
import { augment } from '../../src/engine/data/augment.js';
import { inProportion } from '../../src/engine/data/layout.js';
import { encodePng } from '../../src/engine/data/png.js';
import { resizeBilinear } from '../../src/engine/data/resize.js';
import { drawGrain, PHOTO_SIDE } from '../../src/engine/data/rice/grain.js';
import { varieties } from '../../src/engine/data/rice/varieties.js';
import { splitLabels } from '../../src/engine/data/split.js';
import { Tally } from '../../src/engine/comparison/tally.js';
import type { ModelCard } from '../../src/engine/exchange/card.js';
import { readModel } from '../../src/engine/exchange/formats.js';
import { writeKerasProject } from '../../src/engine/exchange/keras-project/project.js';
import { openDevice } from '../../src/engine/gpu/device.js';
import { ReferenceEngine } from '../../src/engine/gpu/reference/engine.js';
import { initialWeights } from '../../src/engine/graph/weights.js';
import { exampleCard } from '../engine/exchange/example.js';
import { zipOf } from '../e2e/photos.js';

const PHOTOS = 153;
const SIZE = 32;
const EPOCH = 5;

const graph = buildGraph('cnn', { size: SIZE, classes: varieties.length });
const classes = varieties.map(({ name }) => name).sort();
const example = exampleCard(graph);
/** Every setting that a wrong port would get wrong. */
const card: ModelCard = {
  ...example,
  arch: 'cnn',
  classes,
  settings: {
    ...example.settings,
    batch: 16,
    epochs: 2,
    patience: 10,
    validationShare: 0.23,
    testShare: 0.11,
    limit: 140,
    seed: 4_000_000_007,
    splitSeed: 12,
    optimizer: { kind: 'adam', learningRate: 0.002 },
    schedule: { kind: 'cosine', alpha: 0.1 },
    loss: { labelSmoothing: 0.1, classWeights: 'balanced' },
    augment: { flipX: 0.5, flipY: 0.3, rotation: 0.2, shift: 0.1, zoom: 0.2, brightness: 0.2 },
  },
  dataset: { name: 'Rice, synthetic', synthetic: true, images: 140 },
  metrics: { ...example.metrics, bestEpoch: 3 },
};

interface Photo {
  readonly label: number;
  readonly name: string;
  /** At the network's size. */
  readonly pixels: Uint8Array<ArrayBuffer>;
  readonly png: Uint8Array<ArrayBuffer>;
}

/** In the dataset's order. */
async function photos(): Promise<Photo[]> {
  const groups: Photo[][] = classes.map(() => []);
  const rgba = new Uint8ClampedArray(PHOTO_SIDE * PHOTO_SIDE * 4);
  for (let index = 0; index < PHOTOS; index++) {
    const variety = varieties[index % varieties.length];
    drawGrain(rgba, variety, 3, index);
    const rgb = new Uint8Array(PHOTO_SIDE * PHOTO_SIDE * 3);
    for (let i = 0; i < rgb.length; i++) rgb[i] = rgba[Math.floor(i / 3) * 4 + (i % 3)];
    const label = classes.indexOf(variety.name);
    groups[label].push({ label, name: `Rice/${variety.name}/${index}.png`, pixels: resizeBilinear(rgba, PHOTO_SIDE, PHOTO_SIDE, SIZE), png: await encodePng(rgb, PHOTO_SIDE, PHOTO_SIDE, 3) });
  }
  return inProportion(groups).map(({ item }) => item);
}

/** An IDX pair of grey photos of three classes, and what becomes of it. */
function grey() {
  const [height, width] = [9, 7];
  const values = [10, 2, 2, 7, 10, 2, 7, 2, 2, 10, 2];
  const photo = (item: number) => Uint8Array.from({ length: height * width }, (_, i) => (item * 53 + i * 29) % 256);
  const present = [2, 7, 10];
  const order = inProportion(present.map((value) => values.flatMap((each, item) => (each === value ? [item] : []))));
  const pixelsOf = (item: number) => {
    const raw = photo(item);
    return [...resizeBilinear(Uint8ClampedArray.from({ length: raw.length * 4 }, (_, i) => raw[i >> 2]), width, height, SIZE)];
  };
  return {
    images: Uint8Array.from([0, 0, 8, 3, 0, 0, 0, values.length, 0, 0, 0, height, 0, 0, 0, width, ...values.flatMap((_, item) => [...photo(item)])]),
    labels: Uint8Array.from([0, 0, 8, 1, 0, 0, 0, values.length, ...values]),
    expected: { classes: ['02', '07', '10'], labels: order.map(({ group }) => group), first: pixelsOf(order[0].item), last: pixelsOf(order.at(-1)!.item) },
  };
}

function splitOf(all: readonly Photo[]) {
  const { seed, splitSeed, validationShare, testShare, limit } = card.settings;
  return splitLabels(Uint16Array.from(all, ({ label }) => label), classes, { seed: splitSeed ?? seed, validationShare, testShare, limit });
}

async function write(folder: string): Promise<void> {
  const project = join(folder, 'project');
  await mkdir(project, { recursive: true });
  const all = await photos();
  const byClass = all.toSorted((a, b) => a.label - b.label);
  await writeFile(join(folder, 'photos.zip'), await zipOf({ ...Object.fromEntries(byClass.map(({ name, png }) => [name, png])), 'Rice/read me.txt': 'Grains.', 'Rice/Ipsala/.hidden.png': 'x', 'Rice/Jasmine/broken.jpg': 'no photo' }));
  for (const [name, file] of await writeKerasProject({ graph, weights: initialWeights(graph, 9), card })) await writeFile(join(project, name), file.stream());
  const idx = grey();
  await writeFile(join(folder, 'images.idx'), idx.images);
  await writeFile(join(folder, 'labels.idx'), idx.labels);
  const { seed, augment: strengths } = card.settings;
  await writeFile(join(folder, 'expected.json'), JSON.stringify({
    files: all.map(({ name }) => name),
    idx: idx.expected,
    split: Object.fromEntries(Object.entries(splitOf(all)).map(([part, indices]) => [part, [...indices]])),
    photos: [0, 1, 77, PHOTOS - 1].map((index) => ({ index, epoch: EPOCH, pixels: [...all[index].pixels], augmented: [...augment(all[index].pixels, SIZE, strengths, seed, EPOCH, index)] })),
  }));
}

async function read(folder: string): Promise<void> {
  const all = await photos();
  const { validation } = splitOf(all);
  const pixels = new Uint8Array(validation.length * SIZE * SIZE * 3);
  validation.forEach((index, i) => pixels.set(all[index].pixels, i * SIZE * SIZE * 3));
  const device = await openDevice('cpu');
  const results = [];
  for (const workers of [1, 2]) {
    const name = `result-${workers}.keras`;
    const model = await readModel(new File([await readFile(join(folder, name))], name));
    const engine = new ReferenceEngine(device, { ...model, batch: 32, optimizer: { kind: 'sgd', learningRate: 0, momentum: 0 }, loss: { labelSmoothing: 0, classWeights: null }, seed: 0 });
    const tally = new Tally(classes.length, card.settings.loss.labelSmoothing);
    const answers = await engine.predict(pixels, validation.length);
    validation.forEach((index, i) => tally.add(answers.subarray(i * classes.length, (i + 1) * classes.length), all[index].label, index));
    engine.dispose();
    const { loss, accuracy } = tally.result();
    const said = model.card.metrics.validation;
    if (!(Math.abs(loss - said.loss) < 1e-4) || accuracy !== said.accuracy) throw new Error(`${name}: Keras says loss ${said.loss}, accuracy ${said.accuracy} of the validation photos; Winnow finds ${loss}, ${accuracy}`);
    if (JSON.stringify(model.graph) !== JSON.stringify(graph)) throw new Error(`${name} is another network`);
    if (model.card.continued?.replicas !== workers) throw new Error(`${name} was trained by ${model.card.continued?.replicas} replicas`);
    results.push(model);
    process.stdout.write(`${name}: epoch ${model.card.metrics.bestEpoch}, validation loss ${loss.toFixed(6)} here, ${said.loss.toFixed(6)} in Keras; accuracy ${accuracy.toFixed(4)}\n`);
  }
  const [one, two] = results;
  let apart = 0;
  one.weights.forEach((weight, i) => weight.data.forEach((value, j) => (apart = Math.max(apart, Math.abs(value - two.weights[i].data[j])))));
  process.stdout.write(`One worker and two: weights at most ${apart.toExponential(1)} apart\n`);
  device.close();
}

const [command, folder] = process.argv.slice(2);
await (command === 'write' ? write(folder) : read(folder));
