import { expect } from 'chai';
import { architectures, buildGraph } from '../../../../src/engine/architectures/index.js';
import { GraphBuilder } from '../../../../src/engine/graph/builder.js';
import { shader, type Kernel, type Memory } from '../../../../src/engine/gpu/compiled/kernel.js';
import { canCompile } from '../../../../src/engine/gpu/compiled/lowering.js';
import { planMemory } from '../../../../src/engine/gpu/compiled/memory-planner.js';
import { makePlan, type Plan } from '../../../../src/engine/gpu/compiled/plan.js';
import { MOST_MILLISECONDS, partsOf } from '../../../../src/engine/gpu/compiled/replay.js';
import { ASSUMED_RATES } from '../../../../src/engine/gpu/compiled/tiles.js';
import { SWIFTSHADER } from '../../../../src/engine/gpu/compiled/tuning.js';

const planOf = (id: string, size: number, batch: number): Plan =>
  makePlan({ graph: buildGraph(id, { size, classes: 5 }), batch, optimizer: { kind: 'adam', learningRate: 0.001 }, loss: { labelSmoothing: 0, classWeights: null }, seed: 1 }, SWIFTSHADER);

describe('the compiled plan', () => {
  it('takes few dispatches a step', () => {
    const most = { 'cnn-light': 25, cnn: 35, googlenet: 350, mobilenet: 300 };
    for (const [id, dispatches] of Object.entries(most)) expect(planOf(id, 64, 8).training.length, id).to.be.at.most(dispatches);
  });

  it('knows which products with the padding a filter gradient leaves out', () => {
    const skippedShare = (side: number, stride: number, padding: 'same' | 'valid') => {
      const graph = new GraphBuilder([side, side, 3], 3).conv(8, 1).conv(8, 3, { stride, padding }).globalAvgPool().predictions();
      const plan = makePlan({ graph, batch: 2, optimizer: { kind: 'sgd', learningRate: 1, momentum: 0 }, loss: { labelSmoothing: 0, classWeights: null }, seed: 1 }, SWIFTSHADER);
      const { flops, skippedFlops } = plan.training.find(({ label }) => label === 'conv2d_1 filter gradient')!;
      return skippedFlops! / flops;
    };
    // Of 3 taps over 4 places two lose one place to the padding: 10 of 12 are inside, in each direction.
    expect(skippedShare(4, 1, 'same')).to.be.closeTo(1 - (10 / 12) ** 2, 1e-12);
    // Keras pads an even side behind only: of 3 taps over 2 places one is outside.
    expect(skippedShare(4, 2, 'same')).to.be.closeTo(1 - (5 / 6) ** 2, 1e-12);
    expect(skippedShare(4, 1, 'valid')).to.equal(0);
  });

  it('holds no dispatch that is predicted to take longer than a GPU\'s watchdog allows', () => {
    const slow = makePlan({ graph: buildGraph('vgg16-gap', { size: 224, classes: 5 }), batch: 32, optimizer: { kind: 'adam', learningRate: 0.001 }, loss: { labelSmoothing: 0, classWeights: null }, seed: 1 }, ASSUMED_RATES);
    let split = 0;
    for (const kernel of slow.training) {
      const parts = partsOf(kernel);
      if (parts.length > 1) split++;
      const share = (parts[0]?.groups ?? kernel.groups) / kernel.groups;
      expect(kernel.milliseconds * share, kernel.label).to.be.at.most(MOST_MILLISECONDS);
      // Together the parts are all of the kernel's groups.
      if (parts[0]) expect(parts.at(-1)!.first + parts.at(-1)!.groups, kernel.label).to.be.at.least(kernel.groups);
    }
    expect(split).to.be.at.least(10);
  });

  it('never lets two memories that are needed at once share a buffer', () => {
    for (const { id } of architectures.filter(({ sides }) => sides.least <= 64)) {
      const plan = planOf(id, 64, 2);
      const kernels = [...plan.training, ...plan.inference, ...plan.maps];
      const slotOf = new Map<Memory, number>(plan.slots.flatMap((slot, index) => slot.memories.map((memory) => [memory, index] as const)));
      // Whoever writes to a buffer last must be the memory that a kernel means to read.
      const owner = new Map<number, Memory>();
      for (const kernel of kernels) {
        const slots = kernel.bindings.map(({ region }) => slotOf.get(region.memory)).filter((slot) => slot !== undefined);
        expect(new Set(slots).size, `${id} ${kernel.label}`).to.equal(new Set(kernel.bindings.filter(({ region }) => !region.memory.lasting).map(({ region }) => region.memory)).size);
        for (const { access, region } of kernel.bindings) {
          const slot = slotOf.get(region.memory);
          if (slot === undefined) continue;
          if (access === 'read') expect(owner.get(slot), `${id} ${kernel.label} reads ${region.memory.label}`).to.equal(region.memory);
          if (access === 'write') owner.set(slot, region.memory);
        }
      }
    }
  });

  it('shares buffers: activations take less than their sum', () => {
    const plan = planOf('googlenet', 64, 4);
    const sum = plan.slots.flatMap((slot) => slot.memories).reduce((total, memory) => total + memory.bytes, 0);
    expect(plan.slots.reduce((total, slot) => total + slot.bytes, 0)).to.be.below(sum / 2);
  });

  it('reuses a buffer from the first kernel after the last use', () => {
    const memory = (label: string, bytes: number): Memory => ({ label, bytes, lasting: false });
    const [a, b, c] = [memory('a', 100), memory('b', 50), memory('c', 80)];
    const kernel = (...memories: Memory[]): Kernel => ({
      label: '', body: '', threads: 1, groups: 1, flops: 0, milliseconds: 0,
      bindings: memories.map((one) => ({ name: one.label, type: 'vec4f', access: 'write', region: { memory: one, offset: 0, bytes: one.bytes } })),
    });
    const bytes = (until: ReadonlyMap<Memory, number>) => planMemory([kernel(a), kernel(a, b), kernel(b, c)], until).map((slot) => slot.bytes);
    expect(bytes(new Map())).to.deep.equal([100, 50]);
    expect(bytes(new Map([[a, 2]]))).to.deep.equal([100, 80, 50]);
  });

  it('makes one shader of layers that are alike', () => {
    const graph = new GraphBuilder([16, 16, 3], 3).conv(16, 3).conv(16, 3).conv(16, 3).conv(16, 3).globalAvgPool().predictions();
    const plan = makePlan({ graph, batch: 2, optimizer: { kind: 'sgd', learningRate: 1, momentum: 0 }, loss: { labelSmoothing: 0, classWeights: null }, seed: 1 }, SWIFTSHADER);
    const forward = plan.training.filter(({ label }) => /^conv2d_\d forward$/.test(label));
    expect(forward.length).to.equal(3);
    expect(new Set(forward.map((kernel) => shader(kernel))).size).to.equal(1);
  });

  it('knows the whole layer set but a softmax in the middle', () => {
    for (const { id, sides } of architectures) expect(canCompile(buildGraph(id, { size: Math.max(sides.least, 64), classes: 5 })), id).to.equal(true);
    expect(canCompile(new GraphBuilder([8, 8, 3], 3).conv(4, 3, { activation: 'softmax' }).flatten().predictions())).to.equal(false);
    expect(canCompile(new GraphBuilder([32, 32, 3], 3).maxPool(16).flatten().predictions())).to.equal(false);
  });
});
