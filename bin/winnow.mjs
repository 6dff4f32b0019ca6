#!/usr/bin/env node
import { existsSync } from 'node:fs';

// The package comes built; a working copy builds itself.
if (existsSync(new URL('../src', import.meta.url))) {
  const { prepare } = await import('../scripts/project.mjs');
  try {
    await prepare();
  } catch (error) {
    process.stderr.write(`winnow: ${error instanceof Error ? error.message : error}\n`);
    process.exit(1);
  }
}
const { main } = await import(new URL('../dist/cli/main.js', import.meta.url).href);
process.exitCode = await main(process.argv.slice(2));
