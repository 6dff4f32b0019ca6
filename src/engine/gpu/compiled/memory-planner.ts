import type { Kernel, Memory } from './kernel.js';

/** One GPU buffer, and the transient memories that take turns in it. */
export interface Slot {
  readonly bytes: number;
  readonly memories: readonly Memory[];
}

interface Life {
  readonly memory: Memory;
  readonly from: number;
  to: number;
}

/**
 * Shares buffers among memories that are never needed at once: the largest first, each into the first slot where nobody
 * lives at the same time (greedy by size; Pisarchyk and Lee, "Efficient Memory Management for Deep Neural Net Inference",
 * 2020). Whole buffers, not one arena, because WebGPU tracks usage by buffer: one cannot be read and written in a dispatch.
 *
 * @param kernels in the order they run. @param until index of the last kernel through which a memory is kept, where that is later than its last use.
 */
export function planMemory(kernels: readonly Kernel[], until: ReadonlyMap<Memory, number>): Slot[] {
  const lives = new Map<Memory, Life>();
  kernels.forEach((kernel, index) => {
    for (const { region } of kernel.bindings) {
      if (region.memory.lasting) continue;
      const life = lives.get(region.memory);
      if (life) life.to = Math.max(life.to, index);
      else lives.set(region.memory, { memory: region.memory, from: index, to: Math.max(index, until.get(region.memory) ?? 0) });
    }
  });
  const slots: { bytes: number; lives: Life[] }[] = [];
  for (const life of [...lives.values()].sort((a, b) => b.memory.bytes - a.memory.bytes)) {
    const free = slots.find((slot) => slot.lives.every((other) => other.to < life.from || life.to < other.from));
    if (free) free.lives.push(life);
    else slots.push({ bytes: life.memory.bytes, lives: [life] });
  }
  return slots.map((slot) => ({ bytes: slot.bytes, memories: slot.lives.map((life) => life.memory) }));
}

/** All memories that live as long as the plan. */
export function lastingMemories(kernels: readonly Kernel[]): Memory[] {
  return [...new Set(kernels.flatMap((kernel) => kernel.bindings.map((binding) => binding.region.memory)).filter((memory) => memory.lasting))];
}
