import { expect } from 'chai';
import { GraphBuilder } from '../../../src/engine/graph/builder.js';
import { freeze } from '../../../src/engine/graph/freeze.js';
import { scaleWidths } from '../../../src/engine/graph/scale.js';
import { initialWeights, weightSpecs } from '../../../src/engine/graph/weights.js';

const graph = new GraphBuilder([16, 16, 3], 4)
  .conv(24, 3)
  .depthwise(5, { useBias: false })
  .batchNorm()
  .globalAvgPool()
  .dense(40)
  .predictions();

describe('weights', () => {
  it('have Keras’s names, shapes and order', () => {
    expect(weightSpecs(graph).map((spec) => `${spec.name} ${spec.shape.join('x')} ${spec.initializer}${spec.trainable ? '' : ' fixed'}`)).to.deep.equal([
      'conv2d/kernel 3x3x3x24 glorotUniform', 'conv2d/bias 24 zeros',
      'depthwise_conv2d/kernel 5x5x24x1 glorotUniform',
      'batch_normalization/gamma 24 ones', 'batch_normalization/beta 24 zeros',
      'batch_normalization/moving_mean 24 zeros fixed', 'batch_normalization/moving_variance 24 ones fixed',
      'dense/kernel 24x40 glorotUniform', 'dense/bias 40 zeros',
      'dense_1/kernel 40x4 glorotUniform', 'dense_1/bias 4 zeros',
    ]);
  });

  it('start uniform within Glorot’s limit', () => {
    const limits: Record<string, number> = {
      'conv2d/kernel': Math.sqrt(6 / (27 + 216)),
      'depthwise_conv2d/kernel': Math.sqrt(6 / (25 * 24 + 25)),
      'dense/kernel': Math.sqrt(6 / 64),
    };
    for (const { name, data } of initialWeights(graph, 7)) {
      const limit = limits[name];
      if (limit === undefined) continue;
      const mean = data.reduce((sum, value) => sum + value, 0) / data.length;
      const variance = data.reduce((sum, value) => sum + value * value, 0) / data.length;
      expect(Math.max(...data.map(Math.abs)), name).to.be.within(limit * 0.97, limit);
      // Five standard errors of the mean and of the variance of a uniform.
      expect(Math.abs(mean)).to.be.below((5 * limit) / Math.sqrt(3 * data.length));
      expect(variance).to.be.closeTo(limit ** 2 / 3, (5 * limit ** 2 * Math.sqrt(4 / 45)) / Math.sqrt(data.length));
    }
  });

  it('are the same for a seed, frozen or not, and differ between seeds and between layers', () => {
    const first = initialWeights(graph, 1);
    expect(initialWeights(freeze(graph, ['conv2d']), 1)).to.deep.equal(first);
    const other = initialWeights(graph, 2);
    for (const [index, weight] of first.entries()) {
      if (weight.name.endsWith('/kernel')) expect(weight.data.slice(0, 8)).to.not.deep.equal(other[index].data.slice(0, 8));
    }
    expect(first[0].data[0] / first[7].data[0]).to.not.be.closeTo(Math.sqrt(64 / 243), 1e-3);
  });

  it('are fewer in a scaled graph, whose classes stay', () => {
    const specs = weightSpecs(scaleWidths(graph, 1 / 8));
    expect(specs.map((spec) => spec.shape)).to.deep.include.members([[3, 3, 3, 3], [5, 5, 3, 1], [3, 5], [5, 4]]);
  });
});
