import { expect } from 'chai';
import { wrap } from 'comlink';
import type { GpuProbe } from '../../support/gpu-probe.worker.js';

describe('the browser under test', () => {
  it('offers WebGPU in a module worker, and tfjs computes on it', async () => {
    const worker = new Worker(new URL('../../support/gpu-probe.worker.ts', import.meta.url), { type: 'module' });
    try {
      const result = await wrap<GpuProbe>(worker).square();
      expect(result.adapter, 'a WebGPU adapter').to.equal(true);
      expect(result.backend).to.equal('webgpu');
      expect(result.product).to.deep.equal([7, 10, 15, 22]);
    } finally {
      worker.terminate();
    }
  });
});
