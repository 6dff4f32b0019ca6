import { expect } from 'chai';
import { buildGraph } from '../../../src/engine/architectures/index.js';
import { openDevice } from '../../../src/engine/gpu/device.js';
import { checkFits, predictReference } from '../../../src/engine/gpu/memory.js';
import { WinnowError } from '../../../src/engine/support/errors.js';
import type { AdapterInfo } from '../../../src/engine/support/settings.js';
import { testRandom } from '../../support/close.js';
import { randomBatch, reference } from './reference/setup.js';

describe('memory prediction', () => {
  for (const [arch, size, batch] of [['cnn-light', 64, 8], ['cnn-final', 32, 4]] as const) {
    it(`is near what the reference engine takes: ${arch}`, async () => {
      const device = await openDevice('webgpu');
      const graph = buildGraph(arch, { size, classes: 5 });
      const engine = reference(device, graph, { batch });
      const images = randomBatch(testRandom(arch), graph, batch);
      for (let step = 0; step < 3; step++) {
        await engine.step(images);
        await device.settle();
      }
      const { peakBytes } = engine.memory();
      expect(predictReference(graph, batch, 'adam').peakBytes / peakBytes).to.be.within(0.8, 1.35);
      engine.dispose();
      device.close();
    });
  }

  it('grows with the batch, and SGD takes less than Adam', () => {
    const graph = buildGraph('cnn', { size: 64, classes: 5 });
    expect(predictReference(graph, 16, 'adam').peakBytes).to.be.greaterThan(predictReference(graph, 8, 'adam').peakBytes);
    expect(predictReference(graph, 8, 'sgd').peakBytes).to.be.lessThan(predictReference(graph, 8, 'adam').peakBytes);
  });

  it('refuses what does not fit one buffer, and names the largest batch that does', () => {
    const graph = buildGraph('cnn', { size: 128, classes: 5 });
    const adapter: AdapterInfo = { backend: 'webgpu', vendor: '', architecture: '', description: '', fallback: false, maxBufferBytes: 40 * 2 ** 20 };
    const predict = (batch: number) => predictReference(graph, batch, 'adam');
    let error: unknown;
    try {
      checkFits('cnn', 128, 64, adapter, predict);
    } catch (thrown) {
      error = thrown;
    }
    expect(error).to.be.instanceOf(WinnowError);
    const { code, details } = error as WinnowError;
    expect(code).to.equal('gpu-memory');
    const fits = Number(details.fits);
    expect(fits).to.be.within(1, 63);
    checkFits('cnn', 128, fits, adapter, predict);
    expect(() => checkFits('cnn', 128, fits + 1, adapter, predict)).to.throw(WinnowError);
  });

  it('says that no batch would fit, where none would', () => {
    const graph = buildGraph('vgg16', { size: 128, classes: 5 });
    const adapter: AdapterInfo = { backend: 'webgpu', vendor: '', architecture: '', description: '', fallback: false, maxBufferBytes: 2 ** 20 };
    expect(() => checkFits('vgg16', 128, 8, adapter, (batch) => predictReference(graph, batch, 'adam')))
      .to.throw(WinnowError)
      .with.property('code', 'gpu-too-small');
  });
});
