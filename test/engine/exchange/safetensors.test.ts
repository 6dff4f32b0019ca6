import { expect } from 'chai';
import { readModel } from '../../../src/engine/exchange/formats.js';
import { dequantise, quantise, storedBytes } from '../../../src/engine/exchange/quantise.js';
import { writeSafetensors } from '../../../src/engine/exchange/safetensors.js';
import { bytesOf, everyLayer, exampleModel, refusal } from './example.js';

interface Header extends Record<string, { dtype: string; shape: number[]; data_offsets: [number, number] }> {}

const plain = exampleModel(everyLayer());
const rounded = (precision: 'float16' | 'int8') => ({ ...plain, weights: dequantise(quantise(plain.weights, precision)), card: { ...plain.card, precision } });

function split(file: Uint8Array<ArrayBuffer>): { header: Header; data: Uint8Array<ArrayBuffer> } {
  const length = Number(new DataView(file.buffer).getBigUint64(0, true));
  return { header: JSON.parse(new TextDecoder().decode(file.slice(8, 8 + length))) as Header, data: file.slice(8 + length) };
}

function join(header: Header, data: Uint8Array<ArrayBuffer>): Uint8Array<ArrayBuffer> {
  const text = new TextEncoder().encode(JSON.stringify(header));
  const file = new Uint8Array(8 + text.length + data.length);
  new DataView(file.buffer).setBigUint64(0, BigInt(text.length), true);
  file.set(text, 8);
  file.set(data, 8 + text.length);
  return file;
}

describe('quantised weights in safetensors', () => {
  for (const precision of ['float16', 'int8'] as const) {
    it(`are stored as ${precision}, and come back bit for bit`, async () => {
      const model = rounded(precision);
      const file = await bytesOf(writeSafetensors(model));
      const { header, data } = split(file);
      expect(data.length).to.equal(storedBytes(quantise(model.weights, precision)));
      expect(header['conv2d/kernel'].dtype).to.equal(precision === 'int8' ? 'I8' : 'F16');
      expect(header['conv2d/bias'].dtype).to.equal('F32');
      const width = { F32: 4, F16: 2, I8: 1 };
      for (const [name, tensor] of Object.entries(header)) if (name !== '__metadata__') expect(tensor.data_offsets[0] % width[tensor.dtype as keyof typeof width], name).to.equal(0);
      const read = await readModel(new Blob([file]));
      expect(read.weights).to.deep.equal(model.weights);
      expect(read.card).to.deep.equal(model.card);
    });
  }

  it('are refused where scales are missing, too many, of another kind or of nothing', async () => {
    const { header, data } = split(await bytesOf(writeSafetensors(rounded('int8'))));
    const changed = (edit: (copy: Header) => void) => {
      const copy = structuredClone(header);
      edit(copy);
      return join(copy, data);
    };
    const scales = header['conv2d/kernel/scales'];
    const cases: Record<string, Uint8Array<ArrayBuffer>> = {
      'has no scales': changed((copy) => Reflect.deleteProperty(copy, 'conv2d/kernel/scales')),
      'is F32 and has scales': changed((copy) => (copy['conv2d/bias/scales'] = scales)),
      'not one F32 a filter': changed((copy) => (copy['conv2d/kernel/scales'] = { ...scales, shape: [1, scales.shape[0]] })),
      'no tensor nothing': changed((copy) => (copy['nothing/scales'] = scales)),
    };
    for (const [why, file] of Object.entries(cases)) expect((await refusal(readModel, file)).details.why).to.include(why);
    const infinite = data.slice();
    new DataView(infinite.buffer).setFloat32(scales.data_offsets[0], Infinity, true);
    expect((await refusal(readModel, join(header, infinite))).details.why).to.match(/not finite/);
  });
});
