// Prints the closing line of CI from vitest's JSON reports, and fails when a test or an earlier step failed or when
// no test ran at all. A failed static step counts as one failed test.
import { existsSync, readFileSync } from 'node:fs';

const [, , failedSteps, ...files] = process.argv;
const reports = files.filter((file) => existsSync(file)).map((file) => JSON.parse(readFileSync(file, 'utf8')));
const sum = (count) => reports.reduce((total, report) => total + count(report), 0);
const brokenFiles = sum(
  ({ testResults }) =>
    testResults.filter((result) => result.status === 'failed' && result.assertionResults.length === 0).length,
);
const passed = sum(({ numPassedTests }) => numPassedTests);
const failed = Math.max(sum(({ numFailedTests }) => numFailedTests) + brokenFiles, Number(failedSteps) > 0 ? 1 : 0);
const skipped = sum(({ numPendingTests, numTodoTests = 0 }) => numPendingTests + numTodoTests);
console.log(`${passed} passed, ${failed} failed${skipped > 0 ? `, ${skipped} skipped` : ''}`);
process.exit(failed > 0 || passed === 0 ? 1 : 0);
