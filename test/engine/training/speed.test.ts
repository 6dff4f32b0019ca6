import { expect } from 'chai';
import { openDevice, predictTraining } from '../../../src/engine/gpu/index.js';
import { buildRunGraph } from '../../../src/engine/architectures/index.js';
import { defaultSettings, type AdapterInfo, type RunSettings } from '../../../src/engine/support/settings.js';
import { RunControl } from '../../../src/engine/training/control.js';
import { measureSpeed, predictMemory } from '../../../src/engine/training/speed.js';
import { expectError } from '../data/photos.js';

const settings: RunSettings = { ...defaultSettings, arch: 'cnn-light', size: 32, batch: 4 };
const adapter: AdapterInfo = { backend: 'webgpu', vendor: '', architecture: '', description: '', fallback: false, maxBufferBytes: 1e9 };

describe('speed', () => {
  for (const backend of ['webgpu', 'cpu'] as const) {
    it(`times steps and predictions on ${backend}, and leaves nothing on the device`, async () => {
      const device = await openDevice(backend);
      try {
        const { stepMs, predictMs } = await measureSpeed(device, settings, 3, new RunControl());
        expect(stepMs).to.be.greaterThan(0);
        expect(predictMs).to.be.greaterThan(0);
        const held = device.count();
        await measureSpeed(device, settings, 3, new RunControl());
        expect(device.count()).to.equal(held);
      } finally {
        device.close();
      }
    });
  }

  it('is cancelled, and refuses what does not fit as a run would', async () => {
    const device = await openDevice('cpu');
    try {
      const control = new RunControl();
      control.stop();
      await expectError('cancelled', measureSpeed(device, settings, 3, control));
      const small = { ...device, adapter: { ...device.adapter, maxBufferBytes: 100 } };
      await expectError('gpu-too-small', measureSpeed(small, settings, 3, new RunControl()));
    } finally {
      device.close();
    }
  });

  it('predicts the memory that the run will be told, where WebGPU computes', () => {
    const graph = buildRunGraph(settings, 3);
    const options = { graph, batch: 4, optimizer: settings.optimizer, loss: { labelSmoothing: 0, classWeights: null }, seed: 1 };
    expect(predictMemory(settings, 3, adapter)).to.equal(predictTraining('compiled', options).peakBytes);
    expect(predictMemory({ ...settings, engine: 'reference' }, 3, adapter)).to.equal(predictTraining('reference', options).peakBytes);
    expect(predictMemory(settings, 3, { ...adapter, backend: 'webgl' })).to.equal(null);
    expect(() => predictMemory({ ...settings, size: 7 }, 3, adapter)).to.throw();
  });
});
