/**
 * What the plan is made of. A kernel is WGSL for one shape, with the memory it binds named but not yet allocated, so a
 * whole step can be laid out, counted and refused before a byte of GPU memory is taken.
 */

/** A GPU buffer to be. Transient memory lives from the first kernel that names it to the last, and shares its buffer with others. */
export interface Memory {
  readonly label: string;
  readonly bytes: number;
  readonly lasting: boolean;
}

/** A stretch of a memory, in bytes; offsets are multiples of 256, as bindings want. */
export interface Region {
  readonly memory: Memory;
  readonly offset: number;
  readonly bytes: number;
}

export interface Binding {
  readonly name: string;
  /** WGSL type of an element (of the whole, for a uniform). */
  readonly type: 'vec4f' | 'f32' | 'u32' | 'atomic<u32>' | 'Step';
  /** 'write' may read too. */
  readonly access: 'read' | 'write' | 'uniform';
  readonly region: Region;
}

export interface Kernel {
  /** Layer and what is done for it: 'conv2d forward'. */
  readonly label: string;
  readonly bindings: readonly Binding[];
  /** Module scope: functions, workgroup variables. */
  readonly declarations?: string;
  /**
   * Statements of the entry point. They see `group` and `thread` (u32: index of the workgroup, and within it) and, with
   * `subgroups`, `lane`.
   */
  readonly body: string;
  readonly threads: number;
  readonly groups: number;
  readonly subgroups?: boolean;
  /** Floating-point operations of the product, taps in the padding included, multiply-adds as two; 0 where memory decides. */
  readonly flops: number;
  /** Of those, the ones in the padding that the kernel does not carry out. */
  readonly skippedFlops?: number;
  /** Predicted, from the adapter's measured rates. */
  readonly milliseconds: number;
}

/** Numbers of one step, in a uniform buffer of {@link STEP_BYTES}. */
export const STEP_BYTES = 16;
const STEP_STRUCT = 'struct Step { size: u32, number: u32, rate: f32, decay: f32 }';

/** Workgroups that one dimension of a dispatch may have by WebGPU's default limits. */
const MOST_GROUPS = 65535;

/** How a kernel's groups are spread over a dispatch. */
export function dispatchSize(groups: number): [number, number] {
  if (groups <= MOST_GROUPS) return [groups, 1];
  const rows = Math.ceil(groups / MOST_GROUPS);
  return [Math.ceil(groups / rows), rows];
}

/**
 * The kernel's WGSL.
 * @param part where it is dispatched in parts: the groups of a part. The first group of each comes from one more uniform.
 */
export function shader(kernel: Kernel, part?: number): string {
  const [columns, rows] = dispatchSize(part ?? kernel.groups);
  const declared = kernel.bindings.map(({ name, type, access, region }, index) => {
    const space = access === 'uniform' ? 'uniform' : `storage, ${access === 'read' ? 'read' : 'read_write'}`;
    return `@group(0) @binding(${index}) var<${space}> ${name}: ${access === 'uniform' ? type : `array<${type}, ${region.bytes / (type === 'vec4f' ? 16 : 4)}>`};`;
  });
  if (part !== undefined) declared.push(`@group(0) @binding(${kernel.bindings.length}) var<uniform> firstGroup: vec4u;`);
  const linear = rows === 1 ? 'position.x' : `position.x + position.y * ${columns}u`;
  const guarded = rows * columns !== kernel.groups;
  return [
    kernel.subgroups ? 'enable subgroups;' : '',
    kernel.bindings.some((binding) => binding.type === 'Step') ? STEP_STRUCT : '',
    ...declared,
    kernel.declarations ?? '',
    `@compute @workgroup_size(${kernel.threads})`,
    `fn main(@builtin(workgroup_id) position: vec3u, @builtin(local_invocation_index) thread: u32${kernel.subgroups ? ', @builtin(subgroup_invocation_id) lane: u32' : ''}) {`,
    `let group = ${linear}${part === undefined ? '' : ' + firstGroup.x'};`,
    guarded ? `if (group >= ${kernel.groups}u) { return; }` : '',
    kernel.body,
    '}',
  ].filter((line) => line !== '').join('\n');
}

export const whole = (memory: Memory): Region => ({ memory, offset: 0, bytes: memory.bytes });
export const reads = (name: string, region: Region, type: Binding['type'] = 'vec4f'): Binding => ({ name, type, access: 'read', region });
export const writes = (name: string, region: Region, type: Binding['type'] = 'vec4f'): Binding => ({ name, type, access: 'write', region });
export const uniform = (name: string, region: Region): Binding => ({ name, type: 'Step', access: 'uniform', region });

/** One line a number from 0 to `count` - 1: WGSL unrolled by hand. */
export const each = (count: number, line: (index: number) => string): string => Array.from({ length: count }, (_, index) => line(index)).join('\n');
