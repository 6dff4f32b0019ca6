#!/usr/bin/env node
import { prepare } from '../scripts/project.mjs';

await prepare();
const { main } = await import(new URL('../dist/cli/main.js', import.meta.url).href);
process.exitCode = await main(process.argv.slice(2));
