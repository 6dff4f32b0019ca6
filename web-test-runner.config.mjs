import { rm } from 'node:fs/promises';
import { defaultReporter } from '@web/test-runner';
import { chromeLauncher } from '@web/test-runner-chrome';
import { createServer } from 'vite';
import { countsReporter } from './scripts/browser-counts.mjs';
import { chromiumFlags, ensureChromium } from './scripts/chromium.mjs';

const socket = '/__web-dev-server__web-socket.js';
const tests = ['test/**/*.test.ts', '!test/e2e/**'];

// One folder a run: two runs at once would otherwise optimise into the same one.
const cacheDir = `.cache/vite-test/${process.pid}`;

const vite = await createServer({
  configFile: 'vite.config.ts',
  cacheDir,
  appType: 'custom',
  logLevel: 'error',
  server: { middlewareMode: true, hmr: false, ws: false, watch: null },
  optimizeDeps: {
    // Every import is found before the first test: a dependency found later is optimised anew and reloads the page mid-run.
    entries: ['src/**/*.ts', ...tests],
    exclude: ['@web/test-runner-commands'],
    holdUntilCrawlEnd: true,
  },
  plugins: [
    {
      name: 'web-test-runner-socket',
      enforce: 'pre',
      resolveId: (id) => (id === socket ? { id, external: true } : undefined),
    },
    {
      // A dependency with a computed import() makes Vite serve its client, which opens a socket even under `ws: false`; the socket's
      // failure is an unhandled rejection, and fails whichever test is running.
      name: 'client-without-socket',
      enforce: 'post',
      transform: (_, id) => (id.endsWith('/vite/dist/client/client.mjs') ? { code: 'export const injectQuery = (url) => url;', map: null } : undefined),
    },
  ],
});

/**
 * Vite ahead of the runner's own static files (those would serve TypeScript raw); the runner keeps its own paths.
 * @type {import('@web/dev-server-core').Middleware}
 */
async function throughVite(context, next) {
  if (context.path === '/' || context.path.startsWith('/__w')) return next();
  context.respond = false;
  context.res.statusCode = 200;
  await new Promise((resolve) => {
    context.res.once('close', resolve);
    vite.middlewares(context.req, context.res, () => {
      context.res.statusCode = 404;
      context.res.end();
    });
  });
}

const executablePath = ensureChromium();

const launcher = () => chromeLauncher({ concurrency: 1, launchOptions: { executablePath, headless: true, args: chromiumFlags(executablePath) } });

/** Half of the time goes here: networks compiled and trained. */
const networks = 'test/{engine/{architectures,gpu,insight},keras}/**/*.test.ts';

/**
 * The whole suite runs in two browsers side by side: a shader compiles on one core, and a page that loads waits. Each has storage of its
 * own, in which one file at a time works. Files named on the command line run in one.
 */
const work =
  process.argv.length > 2
    ? { files: tests, browsers: [launcher()] }
    : {
        groups: [
          { name: 'networks', files: networks, browsers: [launcher()] },
          { name: 'the rest', files: [...tests, `!${networks}`], browsers: [launcher()] },
        ],
      };

/** @type {import('@web/test-runner').TestRunnerConfig} */
export default {
  ...work,
  concurrentBrowsers: 2,
  testsStartTimeout: 60_000,
  testsFinishTimeout: 600_000,
  testFramework: { config: { timeout: 240_000 } },
  middleware: [throughVite],
  reporters: [defaultReporter(), ...(process.env.WINNOW_COUNTS ? [countsReporter(process.env.WINNOW_COUNTS)] : [])],
  plugins: [
    {
      name: 'close-vite',
      async serverStop() {
        await vite.close();
        await rm(cacheDir, { recursive: true, force: true });
      },
    },
  ],
};
