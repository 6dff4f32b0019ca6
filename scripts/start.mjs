import { spawn } from 'node:child_process';
import { parseArgs } from 'node:util';
import { dist, prepare } from './project.mjs';

const usage = 'npm start -- [--port 5173] [--no-open]';
let options;
try {
  options = parseArgs({ options: { port: { type: 'string', default: '5173' }, 'no-open': { type: 'boolean', default: false } } }).values;
} catch (error) {
  process.stderr.write(`${error instanceof Error ? error.message : error}\n${usage}\n`);
  process.exit(2);
}
const port = Number(options.port);
if (!Number.isInteger(port) || port < 0 || port > 65535) {
  process.stderr.write(`--port cannot be ${options.port}; use 0 (any free port) to 65535.\n`);
  process.exit(2);
}

await prepare();
// Built just now, so there is nothing to import before.
const { serve } = await import(new URL('../dist/cli/server.js', import.meta.url).href);
let server;
try {
  server = await serve({ folder: dist, port });
} catch (error) {
  if (/** @type {NodeJS.ErrnoException} */ (error).code !== 'EADDRINUSE') throw error;
  process.stdout.write(`Port ${port} is taken. Another port has a storage of its own: what was imported there does not show here.\n`);
  server = await serve({ folder: dist, port: 0 });
}
process.stdout.write(`Winnow is at ${server.url}\nCtrl-C ends it.\n`);
if (!options['no-open']) open(server.url);

process.once('SIGINT', () => {
  void server.close().then(() => process.exit(0));
});

/** @param {string} url */
function open(url) {
  const [command, ...args] =
    process.platform === 'darwin' ? ['open', url]
    : process.platform === 'win32' ? ['cmd', '/c', 'start', '', url]
    : ['xdg-open', url];
  spawn(command, args, { stdio: 'ignore', detached: true })
    .on('error', () => process.stdout.write('Open that address in Chrome or Edge.\n'))
    .unref();
}
