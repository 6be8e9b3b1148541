// Writes what a call leaves behind: result.json and its kin for the whole call, and a report in each run folder.

import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { ReportPaths } from '../model/reporter.ts';
import type { Result } from '../model/run.ts';
import { renderRunReport } from '../report/html/page.ts';
import { writeResult } from '../report/json.ts';
import { REPORT_FORMATS } from '../report/registry.ts';
import type { JudgedRun } from './judge-run.ts';
import { shortenPath } from './output-folder.ts';
import { LARSEN_VERSION } from './version.ts';

/** Writes the reports of a whole call; paths are as the caller would type them. */
export async function writeCallReports(result: Result, outDir: string): Promise<ReportPaths> {
  await writeResult(join(outDir, 'result.json'), result);
  for (const [name, format] of Object.entries(REPORT_FORMATS)) {
    if (name !== 'json') await writeFile(join(outDir, format.fileName), format.render(result));
  }
  const single = result.runs.length === 1 ? result.runs[0] : undefined;
  const report = single ? join(outDir, single.folder, 'report.html') : join(outDir, 'index.html');
  return { resultPath: shortenPath(join(outDir, 'result.json')), reportPath: shortenPath(report) };
}

/** Writes the reports of one run into its folder, as soon as it is judged. */
export async function writeRunReports({ result, facts, history, ledger, record }: JudgedRun): Promise<void> {
  const { folder } = facts.plan;
  const own: Result = {
    schema: 1,
    larsen: record.larsen,
    verdict: result.verdict,
    startedAt: record.startedAt,
    durationMs: result.durationMs ?? record.endMs,
    runs: [result],
  };
  await writeFile(join(folder, 'junit.xml'), REPORT_FORMATS.junit!.render(own));
  await writeFile(join(folder, 'report.md'), REPORT_FORMATS.markdown!.render(own));
  const page = await renderRunReport({
    result,
    facts,
    history,
    larsenVersion: LARSEN_VERSION,
    environment: {
      started: record.startedAt,
      ...record.versions,
      kernel: record.machine.kernel,
      cpus: String(record.machine.cpus),
    },
    replayFolder: shortenPath(folder),
    ...(ledger ? { entries: ledger.entries() } : {}),
  });
  await writeFile(join(folder, 'report.html'), page);
}
