import { expect } from 'chai';
import { initialWeights } from '../../../src/engine/graph/weights.js';
import { dequantise, downloadBytes, fromHalf, quantise, storedBytes, toHalf } from '../../../src/engine/exchange/quantise.js';
import { testRandom, uniforms } from '../../support/close.js';
import { randomGraph, randomWeights } from '../lighten/networks.js';

describe('half precision', () => {
  it('takes every half to a float and back', () => {
    for (let half = 0; half < 0x10000; half++) {
      const value = fromHalf(half);
      if (Number.isNaN(value)) expect(fromHalf(toHalf(value))).to.be.NaN;
      else expect(toHalf(value), String(value)).to.equal(half);
    }
  });

  it('rounds to the nearest, ties to even, as the platform does', () => {
    const random = testRandom('half');
    const { f16round } = Math as typeof Math & { f16round(value: number): number };
    const floats = new Float32Array(Uint32Array.from({ length: 50_000 }, () => random.uint32()).buffer);
    for (const value of [...floats, 65504, 65519.99, 65520, 2 ** -24, 2 ** -25, 3 * 2 ** -25, 2 ** -14 - 2 ** -26, 1 + 2 ** -11, 1 + 3 * 2 ** -11, -0]) {
      expect(fromHalf(toHalf(value)), String(value)).to.deep.equal(f16round(Math.fround(value)));
    }
  });
});

describe('quantisation', () => {
  const random = testRandom('quantisation');
  const graph = randomGraph(random);
  const weights = randomWeights(random, graph);

  it('of what is quantised already gives the same, bit for bit', () => {
    for (const precision of ['float16', 'int8'] as const) {
      const once = quantise(weights, precision);
      const back = dequantise(once);
      expect(quantise(back, precision)).to.deep.equal(once);
      expect(dequantise(quantise(back, precision))).to.deep.equal(back);
    }
  });

  it('leaves names, shapes and vectors alone', () => {
    for (const precision of ['float32', 'float16', 'int8'] as const) {
      const back = dequantise(quantise(weights, precision));
      expect(back.map(({ name, shape }) => [name, shape])).to.deep.equal(weights.map(({ name, shape }) => [name, shape]));
      back.forEach((weight, i) => {
        if (precision === 'float32' || weight.shape.length === 1) expect(weight).to.deep.equal(weights[i]);
      });
    }
  });

  it('is off by half a step at most: of half precision, or of the filter’s own int8', () => {
    const kernel = { name: 'conv2d/kernel', shape: [3, 3, 4, 5], data: uniforms(random, 180).map((value, i) => value * 10 ** ((i % 5) - 2)) };
    const depthwise = { name: 'depthwise_conv2d/kernel', shape: [3, 3, 4, 1], data: uniforms(random, 36).map((value, i) => value * 10 ** ((i % 4) - 2)) };
    for (const [weight, filters] of [[kernel, 5], [depthwise, 4]] as const) {
      const [half] = dequantise(quantise([weight], 'float16'));
      half.data.forEach((value, i) => expect(Math.abs(value - weight.data[i])).to.be.at.most(Math.max(Math.abs(weight.data[i]) * 2 ** -11, 2 ** -25)));
      const [whole] = dequantise(quantise([weight], 'int8'));
      whole.data.forEach((value, i) => {
        const largest = Math.max(...weight.data.filter((_, j) => j % filters === i % filters).map(Math.abs));
        expect(Math.abs(value - weight.data[i])).to.be.at.most((largest / 254) * 1.0001);
      });
    }
  });

  it('of a filter of zeros gives zeros', () => {
    const [weight] = dequantise(quantise([{ name: 'dense/kernel', shape: [2, 2], data: Float32Array.of(0, 1, 0, -1.984375) }], 'int8'));
    // -1.984375 = -127 * 2^-6 has a scale of few bits, and comes back as it is.
    expect([...weight.data]).to.deep.equal([0, 1, 0, -1.984375]);
  });

  it('counts what is stored and what is sent', async () => {
    const big = initialWeights({ input: [8, 8, 3], classes: 2, layers: [{ type: 'input', name: 'a', inputs: [] }, { type: 'flatten', name: 'b', inputs: ['a'] }, { type: 'dense', name: 'c', inputs: ['b'], units: 50, activation: 'relu', useBias: true }, { type: 'dense', name: 'd', inputs: ['c'], units: 2, activation: 'softmax', useBias: true }] }, 1);
    const sizes = (['float32', 'float16', 'int8'] as const).map((precision) => storedBytes(quantise(big, precision)));
    const [kernels, vectors, filters] = [192 * 50 + 100, 52, 52];
    expect(sizes).to.deep.equal([4 * (kernels + vectors), 2 * kernels + 4 * vectors, kernels + 4 * vectors + 4 * filters]);
    const zeros = big.map((weight) => ({ ...weight, data: new Float32Array(weight.data.length) }));
    expect(await downloadBytes(quantise(zeros, 'int8'))).to.be.within(20, 200);
    expect(await downloadBytes(quantise(big, 'int8'))).to.be.within(0.8 * sizes[2], 1.05 * sizes[2]);
  });
});
