/** @param {number | null} value @param {number} [digits] */
const round = (value, digits = 3) => (value === null ? '' : Number(value.toPrecision(digits)).toLocaleString('en', { maximumFractionDigits: 6 }));
/** @param {number | null} bytes */
const megabytes = (bytes) => (bytes === null ? '' : round(bytes / 2 ** 20));
/** @param {readonly (readonly string[])[]} rows */
const table = ([head, ...rows]) => [head, head.map(() => '---'), ...rows].map((row) => `| ${row.join(' | ')} |`).join('\n');
/** @param {{median: number, least: number, most: number} | null} timing */
const spread = (timing) => (timing === null ? '' : `${round(timing.median)} (${round(timing.least)} to ${round(timing.most)})`);

/**
 * The step suite's results as Markdown.
 * @param {import('./types.js').StepResult & {cores: number, cpu: string, browser: string}} result
 */
export function stepTable(result) {
  const { adapter, ceiling, rows, memory, scaling, summary } = result;
  return [
    `# Training step, ${adapter.description || adapter.architecture}${adapter.fallback ? ' (a software adapter)' : ''}`,
    `${result.created}, ${result.browser}, ${result.cores} cores of ${result.cpu.trim()}${result.quick ? ', quick' : ''}. Milliseconds a step, median (least to most); steps are interleaved.`,
    `Ceiling: ${round(ceiling.gflops)} GFLOP/s (${ceiling.by}), copy ${round(ceiling.gbps)} GB/s. A machine's speed drifts, so rates are judged by a plain matrix product timed right beside them (its GFLOP/s in the table): the ceiling is the kernel with the most of those, ${round(ceiling.candidates[ceiling.by])}, at the product's median speed. A rate of a kernel is of what it carries out; the step's matrix FLOPs are those of its convolutions, dense layers and their gradients, taps in the padding included ("carried out": without those that a kernel leaves out). The fastest kernel that ran once and alone, handing over included, had ${round(ceiling.singleGflops)} GFLOP/s ("of a single kernel"), whenever in the run that was.`,
    table([
      ['model', 'size', 'batch', 'ours', 'tfjs', 'jax-js', 'x tfjs', 'x jax-js', 'share of ceiling', 'carried out', 'of a single kernel', 'product GFLOP/s', 'dispatches', 'tfjs', 'jax-js', 'script ms', 'compile s', 'first step / second'],
      ...rows.map((row) => [
        row.model, `${row.size}`, `${row.batch}`, spread(row.timings.ours), spread(row.timings.tfjs), spread(row.timings.jax), round(row.speedupTfjs), round(row.speedupJax),
        round(row.ceilingShare), round(row.executedShare), round(row.shareOfSingle), round(row.yardstickGflops), `${row.dispatches}`, `${row.tfjsDispatches}`, row.jaxDispatches === null ? '' : `${row.jaxDispatches}`, round(row.scriptMs), round(row.compileMs / 1000), round(row.firstStep),
      ]),
    ]),
    `Against tfjs: geometric mean ${round(summary.geometricMeanTfjs)}, least ${round(summary.leastTfjs)}. Against jax-js: least ${round(summary.leastJax)}.`,
    '## GPU memory, MB',
    table([['model', 'size', 'batch', 'ours', 'predicted', 'tfjs'], ...[...rows, ...memory].map((row) => [row.model, `${row.size}`, `${row.batch}`, megabytes(row.gpuBytes), megabytes(row.predictedBytes), megabytes(row.tfjsGpuBytes)])]),
    '## As the batch grows',
    table([['model', 'size', 'batches', 'ms', 'exponent'], ...scaling.map((row) => [row.model, `${row.size}`, row.batches.join(', '), row.ms.map((ms) => round(ms)).join(', '), round(row.exponent)])]),
    '## Where the time goes: the longest kernels, each run alone',
    ...rows.map((row) => [`### ${row.model}: ${round(row.kernelsMs)} ms in ${row.dispatches} kernels`, table([['kernel', 'ms', 'GFLOP/s'], ...row.kernels.map((kernel) => [kernel.kernel, round(kernel.milliseconds), round(kernel.gflops)])])].join('\n\n')),
  ].join('\n\n');
}
