import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { ensureChromium } from './chromium.mjs';
import { install, prepare, root } from './project.mjs';

/**
 * Everything that must hold before a change goes in. Each stage counts what it really ran; a stage that breaks down
 * before it could count is one failure.
 */
const counts = join(root, '.cache/counts');
let passed = 0;
let failed = 0;
/** @type {string[]} said once more at the end, where a log is looked at first */
const failures = [];

/**
 * @param {string} name
 * @param {() => { passed: number, failed: number } | Promise<{ passed: number, failed: number }>} run
 */
async function stage(name, run) {
  process.stdout.write(`\n── ${name}\n`);
  const started = performance.now();
  let result;
  try {
    result = await run();
  } catch (error) {
    process.stdout.write(`${error instanceof Error ? error.message : error}\n`);
    result = { passed: 0, failed: 1 };
  }
  passed += result.passed;
  failed += result.failed;
  process.stdout.write(`── ${name}: ${result.passed} passed, ${result.failed} failed in ${((performance.now() - started) / 1000).toFixed(1)} s\n`);
}

/**
 * @param {string} tool path below node_modules
 * @param {string[]} args
 * @param {NodeJS.ProcessEnv} [env]
 */
function node(tool, args, env = {}) {
  return spawnSync(process.execPath, [join(root, 'node_modules', tool), ...args], { cwd: root, stdio: 'inherit', env: { ...process.env, ...env } }).status === 0;
}
/** @param {boolean} ok */
const check = (ok) => ({ passed: ok ? 1 : 0, failed: ok ? 0 : 1 });

/**
 * Runs a suite that writes its counts to a file.
 * @param {string} file
 * @param {() => boolean} run
 */
function counted(file, run) {
  rmSync(file, { force: true });
  const ok = run();
  if (!existsSync(file)) return check(false);
  const result = JSON.parse(readFileSync(file, 'utf8'));
  failures.push(...(result.failures ?? []));
  // A suite that ran nothing, or went red without a red test, is not green.
  return { passed: result.passed, failed: Math.max(result.failed, ok && result.passed > 0 ? 0 : 1) };
}

try {
  install();
  process.env.CHROME_PATH = ensureChromium();
} catch (error) {
  process.stderr.write(`${error instanceof Error ? error.message : error}\n`);
  process.exit(1);
}
mkdirSync(counts, { recursive: true });

await stage('types', () => check(node('typescript/bin/tsc', ['-p', '.'])));
await stage('lint', () => check(node('oxlint/bin/oxlint', ['-c', 'oxlint.config.mjs', '--type-aware', '--tsconfig', 'tsconfig.json'])));
await stage('templates', () => check(node('eslint/bin/eslint.js', ['src/ui'])));
await stage('units and elements, in the browser', () => {
  const file = join(counts, 'browser.json');
  return counted(file, () => node('@web/test-runner/dist/bin.js', [], { WINNOW_COUNTS: file }));
});
await stage('production build', async () => {
  await prepare();
  return check(true);
});
await stage('end to end', async () => {
  const { buildForNode } = await import('./build.mjs');
  const sources = readdirSync(join(root, 'test/e2e')).filter((name) => name.endsWith('.test.ts'));
  const out = join(root, '.cache/e2e');
  await buildForNode(Object.fromEntries(sources.map((name) => [name.slice(0, -'.ts'.length), join(root, 'test/e2e', name)])), out);
  const file = join(counts, 'e2e.json');
  return counted(file, () => {
    const reporters = ['--test-reporter=spec', '--test-reporter-destination=stdout', `--test-reporter=${new URL('./count-reporter.mjs', import.meta.url).href}`, `--test-reporter-destination=${file}`];
    const files = sources.map((name) => join(out, name.replace(/\.ts$/, '.js')));
    return spawnSync(process.execPath, ['--test', '--test-concurrency=1', ...reporters, ...files], { cwd: root, stdio: 'inherit' }).status === 0;
  });
});

for (const failure of failures) process.stdout.write(`failed: ${failure}\n`);
process.stdout.write(`\n${passed} passed, ${failed} failed\n`);
process.exitCode = failed > 0 ? 1 : 0;
