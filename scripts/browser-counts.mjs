import { writeFileSync } from 'node:fs';

/**
 * A reporter of @web/test-runner: writes how many tests passed and failed as JSON. A file that broke down before its
 * tests could run is one failure.
 * @param {string} file
 * @returns {import('@web/test-runner').Reporter}
 */
export function countsReporter(file) {
  return {
    onTestRunFinished({ sessions }) {
      const total = { passed: 0, failed: 0 };
      for (const { testResults, errors, passed } of sessions) {
        const before = total.failed;
        if (testResults) count(testResults, total);
        if (errors.length > 0 || (passed === false && total.failed === before)) total.failed++;
      }
      writeFileSync(file, JSON.stringify(total));
    },
  };
}

/**
 * @param {import('@web/test-runner').TestSuiteResult} suite
 * @param {{ passed: number, failed: number }} total
 */
function count(suite, total) {
  for (const test of suite.tests) {
    if (test.skipped) continue;
    if (test.passed) total.passed++;
    else total.failed++;
  }
  for (const inner of suite.suites) count(inner, total);
}
