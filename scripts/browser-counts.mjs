import { writeFileSync } from 'node:fs';
import { relative } from 'node:path';

/** Files that a run names: where its time goes. */
const SLOWEST = 25;

/**
 * A reporter of @web/test-runner: writes how many tests passed and failed, and the names of those that failed, as JSON. A
 * file that broke down before its tests could run is one failure.
 * @param {string} file
 * @returns {import('@web/test-runner').Reporter}
 */
export function countsReporter(file) {
  return {
    onTestRunFinished({ sessions }) {
      /** @type {Total} */
      const total = { passed: 0, failed: 0, failures: [] };
      for (const { testFile, testResults, errors, passed } of sessions) {
        const before = total.failed;
        if (testResults) count(testResults, total, relative('.', testFile));
        if (errors.length > 0 || (passed === false && total.failed === before)) {
          total.failed++;
          total.failures.push(`${relative('.', testFile)}: ${errors[0]?.message ?? 'broke down'}`);
        }
      }
      writeFileSync(file, JSON.stringify(total));
      const seconds = sessions.map(({ testFile, testResults }) => ({ name: relative('.', testFile), seconds: testResults ? secondsOf(testResults) : 0 }));
      const slowest = seconds.sort((a, b) => b.seconds - a.seconds).slice(0, SLOWEST);
      process.stdout.write(`slowest, in seconds: ${slowest.map(({ name, seconds: of }) => `${name} ${of.toFixed(0)}`).join(', ')}\n`);
    },
  };
}

/** @typedef {{ passed: number, failed: number, failures: string[] }} Total */

/**
 * @param {import('@web/test-runner').TestSuiteResult} suite
 * @param {Total} total
 * @param {string} path the file, then the suites around
 */
function count(suite, total, path) {
  for (const test of suite.tests) {
    if (test.skipped) continue;
    if (test.passed) total.passed++;
    else {
      total.failed++;
      total.failures.push(`${path} > ${test.name}: ${test.error?.message ?? ''}`);
    }
  }
  for (const inner of suite.suites) count(inner, total, `${path} > ${inner.name}`);
}

/** @param {import('@web/test-runner').TestSuiteResult} suite @returns {number} */
function secondsOf({ tests, suites }) {
  return tests.reduce((sum, { duration = 0 }) => sum + duration / 1000, 0) + suites.reduce((sum, inner) => sum + secondsOf(inner), 0);
}
