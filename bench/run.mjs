import { mkdir, writeFile } from 'node:fs/promises';
import { cpus, loadavg } from 'node:os';
import { parseArgs } from 'node:util';
import { importTable, runImport } from './import/run.mjs';
import { latencyTable, runLatency } from './latency/run.mjs';
import { loaderTable, runLoader } from './loader/run.mjs';
import { openTable, runOpen } from './open/run.mjs';
import { pageTable, runPage } from './page/run.mjs';
import { runStep } from './step/run.mjs';
import { stepTable } from './step/table.mjs';

const HELP = 'npm run bench -- [--suite step|loader|import|latency|page|open] [--quick] [--json]';

const ofGpu = (/** @type {any} */ { adapter }) => [adapter.vendor, adapter.architecture].filter(Boolean).join('-');
/** Where no GPU takes part. */
const ofProcessor = () => `${cpus().length}-cores`;

/** Each measures, gives a result that says its adapter, and knows its table. */
const suites = {
  step: { run: runStep, table: stepTable, adapter: ofGpu },
  loader: { run: runLoader, table: loaderTable, adapter: ofProcessor },
  import: { run: runImport, table: importTable, adapter: ofProcessor },
  latency: { run: runLatency, table: latencyTable, adapter: ofGpu },
  page: { run: runPage, table: pageTable, adapter: (/** @type {any} */ { adapter }) => adapter },
  open: { run: runOpen, table: openTable, adapter: ofProcessor },
};

/** @param {string} why @returns {never} */
function refuse(why) {
  process.stderr.write(`call-invalid: ${why}. ${HELP}\n`);
  process.exit(2);
}

function options() {
  try {
    return parseArgs({ options: { suite: { type: 'string', default: 'step' }, quick: { type: 'boolean', default: false }, json: { type: 'boolean', default: false } } }).values;
  } catch (error) {
    return refuse(error instanceof Error ? error.message : String(error));
  }
}

const { suite: name, quick, json } = options();
if (!(name in suites)) refuse(`there is no suite ${name}`);
const suite = suites[/** @type {keyof typeof suites} */ (name)];

try {
  const result = { ...(await suite.run(quick)), cores: cpus().length, cpu: cpus()[0].model, load: Math.round(loadavg()[0]) };
  const table = suite.table(result);
  const file = [name, suite.adapter(result), quick ? 'quick' : 'full'].join('-').toLowerCase().replace(/[^a-z0-9]+/g, '-');
  await mkdir(new URL('results', import.meta.url), { recursive: true });
  await writeFile(new URL(`results/${file}.json`, import.meta.url), `${JSON.stringify(result, null, 1)}\n`);
  await writeFile(new URL(`results/${file}.md`, import.meta.url), `${table}\n`);
  process.stdout.write(json ? `${JSON.stringify(result)}\n` : `${table}\n`);
} catch (error) {
  process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
  process.exitCode = 1;
}
