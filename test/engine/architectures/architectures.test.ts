import { expect } from 'chai';
import { architectures, buildGraph } from '../../../src/engine/architectures/index.js';
import { graphCosts } from '../../../src/engine/graph/costs.js';
import { baseLayers, freeze } from '../../../src/engine/graph/freeze.js';
import { inferShapes } from '../../../src/engine/graph/shapes.js';
import { summaryRows } from '../../../src/engine/graph/summary.js';
import { thrown } from '../support/thrown.js';

/** Keras's count_params(), TensorFlow's profiler and the sum of the convolutions' filters, at 224 x 224 x 3 and 5 classes. */
const reference: Record<string, { params: number; flops: number; filters: number }> = {
  cnn: { params: 12_939_077, flops: 1_042_859_422, filters: 224 },
  'cnn-light': { params: 51_669, flops: 7_551_694, filters: 24 },
  googlenet: { params: 5_978_677, flops: 3_179_339_598, filters: 7_280 },
  'googlenet-light': { params: 580_905, flops: 280_058_490, filters: 1_940 },
  'vgg16-gap': { params: 14_979_909, flops: 30_713_485_342, filters: 4_224 },
  'vgg-light': { params: 7_900_485, flops: 27_938_627_102, filters: 2_688 },
  'vgg-custom': { params: 144_853, flops: 1_203_943_966, filters: 288 },
  'cnn-final': { params: 17_301, flops: 167_860_766, filters: 56 },
  vgg16: { params: 134_281_029, flops: 30_952_054_814, filters: 4_224 },
};

const study = { size: 224, classes: 5 };

describe('architectures', () => {
  it('are the ten, each found by its file', () => {
    expect(architectures.map((architecture) => architecture.id)).to.have.members([...Object.keys(reference), 'mobilenet']);
  });

  for (const [id, expected] of Object.entries(reference)) {
    it(`${id} has the reference's params, FLOPs and filters`, () => {
      const { params, trainableParams, flops, filters } = graphCosts(buildGraph(id, study));
      expect({ params, flops, filters }).to.deep.equal(expected);
      expect(trainableParams).to.equal(params);
    });
  }

  it('mobilenet has Keras’s params and the profiler’s FLOPs at every width', () => {
    const costsAt = (width: number) => graphCosts(buildGraph('mobilenet', { ...study, options: { width } }));
    // FLOPs: tf.profiler on keras.applications.MobileNet (TensorFlow 2.21) with this head.
    expect([1, 0.75, 0.5, 0.25].map(costsAt).map(({ params, flops }) => ({ params, flops }))).to.deep.equal([
      { params: 3_233_989, flops: 1_145_644_190 },
      { params: 1_836_821, flops: 656_923_518 },
      { params: 832_101, flops: 303_075_934 },
      { params: 219_829, flops: 84_101_438 },
    ]);
    const costs = graphCosts(buildGraph('mobilenet', study));
    expect(costs.trainableParams).to.equal(3_212_101);
    expect(costs.nonTrainableParams).to.equal(3_233_989 - 3_212_101);
    expect(Math.round(costs.macs / 1e6)).to.equal(568);
  });

  it('vgg16 has the paper’s params with 1000 classes, and its MACs', () => {
    expect(graphCosts(buildGraph('vgg16', { size: 224, classes: 1000 })).params).to.equal(138_357_544);
    expect(Math.round(graphCosts(buildGraph('vgg16', study)).macs / 1e6)).to.equal(15_466);
  });

  it('googlenet’s modules are one row each, with the reference’s params', () => {
    const rows = summaryRows(buildGraph('googlenet', study)).filter((row) => row.name.startsWith('inception_'));
    expect(Object.fromEntries(rows.map((row) => [row.name.slice(-2), row.costs.params]))).to.deep.equal({
      '3a': 163_696, '3b': 388_736, '4a': 376_176, '4b': 449_160, '4c': 510_104, '4d': 605_376, '4e': 868_352, '5a': 1_043_456, '5b': 1_444_080,
    });
    expect(rows.map((row) => row.shape.join('x'))).to.deep.equal([
      '28x28x256', '28x28x480', '14x14x512', '14x14x512', '14x14x512', '14x14x528', '14x14x832', '7x7x832', '7x7x1024',
    ]);
  });

  it('leave the study’s trainable params with the base frozen', () => {
    const gap = buildGraph('vgg16-gap', study);
    const light = buildGraph('vgg-light', study);
    const frozen = freeze(gap, baseLayers(gap).slice(0, -4));
    expect(graphCosts(frozen).trainableParams).to.equal(7_344_645);
    expect(graphCosts(frozen).params).to.equal(14_979_909);
    expect(graphCosts(freeze(light, baseLayers(light))).trainableParams).to.equal(265_221);
    expect(freeze(frozen, [])).to.deep.equal(gap);
  });

  it('can be built at every side they name, from 2 to 1000 classes', () => {
    for (const { id, sides } of architectures) {
      for (const size of [sides.least, 33, 97, 251, sides.most]) {
        for (const classes of [2, 1000]) {
          const graph = buildGraph(id, { size, classes });
          expect(inferShapes(graph).get(graph.layers.at(-1)!.name), `${id} at ${size}`).to.deep.equal([classes]);
        }
      }
    }
  });

  it('refuse what they cannot take', () => {
    expect(thrown(() => buildGraph('resnet', study))).to.include({ code: 'arch-unknown' });
    expect(thrown(() => buildGraph('resnet', study)).remedy).to.contain('vgg16-gap');
    for (const size of [31, 513, 64.5, Number.NaN]) expect(thrown(() => buildGraph('cnn', { size, classes: 5 })).code).to.equal('size-invalid');
    for (const classes of [1, 1001, 2.5]) expect(thrown(() => buildGraph('cnn', { size: 64, classes })).code).to.equal('settings-invalid');
    for (const options of [{ width: 0.3 }, { depth: 1 }]) expect(thrown(() => buildGraph('mobilenet', { ...study, options })).code).to.equal('settings-invalid');
  });
});
