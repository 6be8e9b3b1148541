// The formats in which the result of a call can be written, by name. To add one: a file of its own with its test,
// and one line here.

import type { Result, RunResult } from '../model/run.ts';
import { renderIndex } from './html/overview.ts';
import { formatResult } from './json.ts';
import { formatJunit } from './junit.ts';
import { formatMarkdown } from './markdown.ts';

/** A format of reports. */
export interface ReportFormat {
  /** File name in the folder it is written to. */
  fileName: string;
  /** The whole text for a result; pure. */
  render(result: Result): string;
}

/** Every format by name; `html` is the overview of a call (the page of one run is html/page.ts, which needs its history). */
export const REPORT_FORMATS: Readonly<Record<string, ReportFormat>> = {
  json: { fileName: 'result.json', render: formatResult },
  junit: { fileName: 'junit.xml', render: formatJunit },
  markdown: { fileName: 'report.md', render: formatMarkdown },
  html: { fileName: 'index.html', render: renderIndex },
};

/** The result as if only this run had been made, for the files in its own folder. */
export function onlyRun(result: Result, run: RunResult): Result {
  return { ...result, verdict: run.verdict, durationMs: run.durationMs ?? result.durationMs, runs: [run] };
}
