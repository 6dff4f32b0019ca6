import { expect } from 'chai';
import { vggBlocks } from '../../../src/engine/architectures/blocks/vgg.js';
import { readCarriedModel } from '../../../src/engine/exchange/formats.js';
import { writeHdf5 } from '../../../src/engine/exchange/hdf5/write.js';
import { readKerasWeights } from '../../../src/engine/exchange/keras/weights.js';
import { writeKeras } from '../../../src/engine/exchange/keras/file.js';
import { writeSafetensors } from '../../../src/engine/exchange/safetensors.js';
import { GraphBuilder } from '../../../src/engine/graph/builder.js';
import { initialWeights } from '../../../src/engine/graph/weights.js';
import { transfer } from '../../../src/engine/training/transfer.js';
import { WinnowError } from '../../../src/engine/support/errors.js';
import { expectError } from '../data/photos.js';
import { bytesOf, exampleModel, refusal, unpack } from '../exchange/example.js';
import { weightValue } from '../../keras/counters.js';

const blocks = [[2, 2], [3, 3], [4, 4, 4]];
const settings = { arch: 'vgg16-gap', seed: 3 } as const;
const vgg = (classes: number, widths = blocks) => vggBlocks(new GraphBuilder([16, 16, 3], classes), widths);
/** The three heads, narrow: VGG16's dense layers, and the study's pooled one. */
const canonical = (classes = 5) => vgg(classes).flatten().dense(6, { name: 'fc1' }).dense(6, { name: 'fc2' }).predictions({ name: 'predictions' });
const pooled = (classes = 3, widths = blocks) => vgg(classes, widths).globalAvgPool().dense(6).dropout(0.3).predictions();
const light = () => pooled(4, blocks.slice(0, 2));

async function saved(name: string): Promise<File> {
  const zip = await (await fetch('/test/keras/saved/weights.zip')).arrayBuffer();
  return new File([(await unpack(new Uint8Array(zip)))[name]], name);
}

describe('transfer', () => {
  it('takes the base of a model with another head and other classes, and draws the head anew', async () => {
    for (const [from, to] of [[canonical(), pooled()], [pooled(5), light()], [canonical(), light()], [pooled(5), canonical(2)]]) {
      const model = exampleModel(from);
      const fresh = new Map(initialWeights(to, settings.seed).map(({ name, data }) => [name, data]));
      for (const file of [writeSafetensors(model), await writeKeras(model)]) {
        const { weights } = await transfer(file, to, settings);
        expect(weights.map(({ name }) => name)).to.deep.equal([...fresh.keys()]);
        for (const { name, data } of weights) {
          expect(data, name).to.deep.equal(name.startsWith('block') ? model.weights.find((weight) => weight.name === name)!.data : fresh.get(name));
        }
      }
    }
  });

  it('takes no base of other widths, nor one that lacks a block', async () => {
    await expectError('weights-unfit', transfer(writeSafetensors(exampleModel(pooled(5, [[2, 2], [3, 5]]))), light(), settings));
    await expectError('weights-unfit', transfer(writeSafetensors(exampleModel(pooled(5, blocks.slice(0, 2)))), pooled(), settings));
  });
});

describe('transfer from Keras’s weights', () => {
  for (const name of ['vgg16-2016.h5', 'vgg16.weights.h5', 'vgg16-whole.h5']) {
    it(`${name}: the base, bit for bit, whatever the head`, async () => {
      const file = await saved(name);
      for (const graph of [pooled(), light(), canonical()]) {
        const { weights, parent } = await transfer(file, graph, settings);
        const fresh = initialWeights(graph, settings.seed);
        for (const [index, { name: weight, shape, data }] of weights.entries()) {
          expect(shape).to.deep.equal(fresh[index].shape);
          expect(data, weight).to.deep.equal(weight.startsWith('block') ? weightValue(index, weight, [...shape]) : fresh[index].data);
        }
        expect(parent).to.match(/^[0-9a-f]{64}$/);
      }
    });

    it(`${name}: says what does not fit`, async () => {
      const file = await saved(name);
      const why = async (attempt: Promise<unknown>) => {
        const error = await attempt.then(() => expect.fail('it was taken'), (reason: unknown) => reason);
        expect(error).to.be.instanceOf(WinnowError).and.to.have.property('code', 'weights-unfit');
        return (error as WinnowError).details.why;
      };
      expect(await why(transfer(file, pooled(3, [...blocks, [4]]), settings))).to.equal('block4_conv1/kernel is missing');
      expect(await why(transfer(file, pooled(3, [[2, 8]]), settings))).to.equal('block1_conv2/kernel is 3 x 3 x 2 x 2, not 3 x 3 x 2 x 8');
      const noBias = new GraphBuilder([16, 16, 3], 3).conv(2, 3, { name: 'block1_conv1', useBias: false }).flatten().predictions();
      expect(await why(transfer(file, noBias, settings))).to.equal('block1_conv1 has 2 weights, not 1');
    });

    it(`${name}: from a stranger is refused or read, and never hangs or breaks`, async () => {
      const good = await bytesOf(await saved(name));
      const wanted = ['block1_conv1', 'block3_conv3'];
      const outcomes = { read: 0, refused: 0 };
      const attempt = async (bytes: Uint8Array<ArrayBuffer>) => {
        try {
          await readKerasWeights(new Blob([bytes]), wanted);
          outcomes.read++;
        } catch (error) {
          if (!(error instanceof WinnowError) || error.code !== 'model-broken') throw error;
          outcomes.refused++;
        }
      };
      for (let at = 0; at < good.length; at += 67) {
        for (const value of [255, good[at] ^ 1]) {
          const bytes = good.slice();
          bytes[at] = value;
          await attempt(bytes);
        }
      }
      for (let length = 0; length < good.length; length += 997) await attempt(good.slice(0, length));
      expect(outcomes.refused).to.be.above(50);
    });
  }

  const attacks: Record<string, [file: string, why: RegExp, text: string, offset: number, bytes: number[]]> = {
    'a weight that its layer does not have': ['vgg16-2016.h5', /block1_conv1_X_1:0 is missing/, 'block1_conv1_W_1:0block1_conv1_b', 13, [0x58]],
    'a text longer than its heap': ['vgg16.weights.h5', /longer than its place/, 'block1_conv1', -8, [1]],
    'a text that its heap does not have': ['vgg16.weights.h5', /not in its heap/, 'block1_conv1', -16, [0x77, 0x77]],
    'a heap of a terabyte': ['vgg16.weights.h5', /outside/, 'GCOL', 8, [0, 0, 0, 0, 0, 1, 0, 0]],
    'a heap that is none': ['vgg16.weights.h5', /GCOL is missing/, 'GCOL', 0, [0x58]],
  };
  for (const [what, [name, why, text, offset, values]] of Object.entries(attacks)) {
    it(`is refused: ${what}`, async () => {
      const bytes = await bytesOf(await saved(name));
      const letters = new TextEncoder().encode(text);
      const at = bytes.findIndex((_, index) => letters.every((letter, i) => bytes[index + i] === letter));
      expect(at).to.be.at.least(0);
      bytes.set(values, at + offset);
      const error = await refusal((file) => readKerasWeights(file, ['block1_conv1']), bytes);
      expect(error.code).to.equal('model-broken');
      expect(error.details.why).to.match(why);
    });
  }

  it('is refused: other HDF5, a value that is not finite, and where a model is wanted', async () => {
    const other = new File(writeHdf5({ weights: { shape: [1], data: Float32Array.of(1) } }), 'other.h5');
    await expectError('model-broken', transfer(other, pooled(), settings));
    const file = await saved('vgg16-2016.h5');
    await expectError('model-broken', readCarriedModel(file));
    const bytes = await bytesOf(file);
    const first = new Uint8Array(weightValue(0, 'block1_conv1/kernel', [3, 3, 3, 2]).buffer);
    const at = bytes.findIndex((_, index) => first.subarray(0, 16).every((byte, i) => bytes[index + i] === byte));
    bytes.set([0, 0, 0xc0, 0x7f], at);
    await expectError('model-broken', transfer(new File([bytes], 'nan.h5'), pooled(), settings));
  });
});
