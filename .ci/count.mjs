// Prints the closing line of CI from vitest's JSON report, and fails when a test or an earlier step failed or when
// no test ran at all. A failed static step counts as one failed test.
import { existsSync, readFileSync } from 'node:fs';

const [, , file, failedSteps] = process.argv;
const report = existsSync(file)
  ? JSON.parse(readFileSync(file, 'utf8'))
  : { numPassedTests: 0, numFailedTests: 0, numPendingTests: 0, testResults: [] };
const brokenFiles = report.testResults.filter(
  (result) => result.status === 'failed' && result.assertionResults.length === 0,
).length;
const failed = Math.max(report.numFailedTests + brokenFiles, Number(failedSteps) > 0 ? 1 : 0);
const skipped = report.numPendingTests + (report.numTodoTests ?? 0);
console.log(`${report.numPassedTests} passed, ${failed} failed${skipped > 0 ? `, ${skipped} skipped` : ''}`);
process.exit(failed > 0 || report.numPassedTests === 0 ? 1 : 0);
