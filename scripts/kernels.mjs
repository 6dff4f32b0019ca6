import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';

/** Every kernel on 200 random shapes (25 in `npm test`), the gradients by finite differences on 50. */
const root = fileURLToPath(new URL('..', import.meta.url));
const runner = fileURLToPath(new URL('../node_modules/@web/test-runner/dist/bin.js', import.meta.url));
const tests = ['convolution', 'kernels', 'finite-differences'].map((name) => `test/engine/gpu/compiled/${name}.test.ts`);
const { status } = spawnSync(process.execPath, [runner, ...tests], { cwd: root, stdio: 'inherit', env: { ...process.env, VITE_KERNEL_SHAPES: '200' } });
process.exit(status ?? 1);
