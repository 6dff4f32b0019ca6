import * as tf from '@tensorflow/tfjs';
import { expect } from 'chai';
import { openDevice, probeAdapter } from '../../../src/engine/gpu/device.js';
import { WinnowError } from '../../../src/engine/support/errors.js';

describe('device', () => {
  it('is webgpu where there is webgpu, described as the probe describes it', async () => {
    const device = await openDevice('auto');
    expect(device.adapter.backend).to.equal('webgpu');
    expect(device.adapter.description).not.to.equal('');
    expect(device.adapter.maxBufferBytes).to.be.greaterThan(2 ** 26);
    expect(await probeAdapter('auto')).to.deep.equal(device.adapter);
    expect(tf.getBackend()).to.equal('webgpu');
    device.close();
  });

  it('counts the buffers of tfjs and our own alike', async () => {
    const device = await openDevice('webgpu');
    const before = device.memory().bytes;
    const own = device.gpu!.device.createBuffer({ size: 4096, usage: GPUBufferUsage.STORAGE });
    expect(device.memory().bytes).to.equal(before + 4096);
    own.destroy();
    own.destroy();
    expect(device.memory()).to.deep.equal({ bytes: before, peakBytes: before + 4096 });
    device.resetPeak();
    expect(device.memory().peakBytes).to.equal(before);
    const sum = tf.tidy(() => tf.sum(tf.mul(tf.ones([1024]), tf.ones([1024]))));
    expect(device.memory().peakBytes).to.be.at.least(before + 4096);
    expect((await sum.data())[0]).to.equal(1024);
    sum.dispose();
    device.close();
  });

  it('opens again after a close, with nothing held from before', async () => {
    const first = await openDevice('webgpu');
    tf.ones([1 << 16]).square().dispose();
    await first.settle();
    expect(first.memory().bytes).to.be.greaterThan(0);
    const second = await openDevice('webgpu');
    expect(second.memory().bytes).to.equal(0);
    expect(first.memory().bytes).to.equal(0);
    expect((await tf.tidy(() => tf.add(1, 2)).data())[0]).to.equal(3);
    second.close();
  });

  it('tells a lost device by its code', async () => {
    const device = await openDevice('webgpu');
    device.check();
    device.gpu!.device.destroy();
    const error = await device.failed;
    expect(error.code).to.equal('gpu-lost');
    expect(() => device.check()).to.throw(WinnowError);
    device.close();
  });

  it('tells an operation that the GPU refuses by its code', async () => {
    const device = await openDevice('webgpu');
    device.gpu!.device.createBuffer({ size: 16, usage: GPUBufferUsage.MAP_READ | GPUBufferUsage.STORAGE });
    // The browser hands commands to the GPU's process in batches; work makes it do so.
    await device.settle().catch(() => undefined);
    expect((await device.failed).code).to.equal('gpu-failed');
    expect(() => device.check()).to.throw(WinnowError);
    device.close();
  });

  it('opens cpu when asked', async () => {
    const device = await openDevice('cpu');
    expect(device.adapter).to.include({ backend: 'cpu', fallback: true });
    expect(device.gpu).to.equal(null);
    expect(tf.getBackend()).to.equal('cpu');
    device.close();
  });
});
