import { basename } from 'node:path';

/**
 * A reporter of node:test: the number of tests that passed and failed, and the names of those that failed, as JSON. Suites and skipped tests do not count.
 * @param {AsyncIterable<import('node:test/reporters').TestEvent>} events
 */
export default async function* countReporter(events) {
  let passed = 0;
  let failed = 0;
  const failures = [];
  for await (const event of events) {
    if (event.type !== 'test:pass' && event.type !== 'test:fail') continue;
    const { name, file, details, skip, todo } = event.data;
    if (details.type === 'suite' || skip !== undefined || todo !== undefined) continue;
    if (event.type === 'test:pass') passed++;
    else {
      failed++;
      failures.push(`${file ? basename(file) : ''} > ${name}: ${'error' in details ? details.error.message : ''}`);
    }
  }
  yield JSON.stringify({ passed, failed, failures });
}
