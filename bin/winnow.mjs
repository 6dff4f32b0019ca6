#!/usr/bin/env node
import { prepare } from '../scripts/project.mjs';

try {
  await prepare();
} catch (error) {
  process.stderr.write(`winnow: ${error instanceof Error ? error.message : error}\n`);
  process.exit(1);
}
const { main } = await import(new URL('../dist/cli/main.js', import.meta.url).href);
process.exitCode = await main(process.argv.slice(2));
