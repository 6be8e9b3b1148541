import { describe, expect, it } from 'vitest';
import type { RunTick } from '../model/reporter.ts';
import {
  HOSTILE_RUN,
  HOSTILE_TEXT,
  INVALID_RUN,
  resultOf,
  UNKNOWN_RUN,
  VALID_RUN,
} from '../testing/fixtures/report-results.ts';
import { createSyntheticRun } from '../testing/fixtures/report-run.ts';
import { createTerminalReporter, type TerminalOptions } from './terminal.ts';
import { textWidth } from './text-layout.ts';

const PATHS = { resultPath: 'reports/runs/x/result.json', reportPath: 'reports/runs/x/index.html' };
const { plan } = createSyntheticRun({ howls: false }).facts;
const TICK: RunTick = {
  sinceLoadStartMs: 12_400,
  loadMs: 60_000,
  dueLines: 2_900,
  writtenLines: 2_900,
  storedLines: 2_810,
  pushes: 12,
  refused: 1,
  activeFaults: ['sink-status'],
};

function record(options: Partial<TerminalOptions> = {}) {
  const written: string[] = [];
  let now = 0;
  const reporter = createTerminalReporter({
    stream: { write: (text) => written.push(text) },
    isTty: false,
    color: false,
    quiet: false,
    width: 100,
    nowMs: () => now,
    ...options,
  });
  return { reporter, written, pass: (ms: number) => (now += ms), text: () => written.join('') };
}

describe('the terminal reporter', () => {
  it('ends with table, findings, reasons, replay lines and the path of the report', () => {
    const { reporter, text } = record();
    reporter.finished(resultOf([VALID_RUN, INVALID_RUN, UNKNOWN_RUN]), PATHS);
    expect(text()).toMatchSnapshot();
    expect(text().trimEnd().split('\n').at(-1)).toContain('index.html');
  });

  it.each([40, 60, 80, 100, 300])('never writes a line wider than the terminal or 100 columns (%d)', (width) => {
    const { reporter, text } = record({ width });
    reporter.finished(resultOf([VALID_RUN, INVALID_RUN, UNKNOWN_RUN, HOSTILE_RUN]), {
      resultPath: 'r/result.json',
      reportPath: 'r/index.html',
    });
    // Paths and commands are there to be copied: they are never broken.
    const lines = text()
      .split('\n')
      .filter((line) => !/^\s*(again|folder) /.test(line));
    for (const line of lines) expect(textWidth(line)).toBeLessThanOrEqual(Math.min(100, width));
  });

  it('tells why a run is unknown and how to repeat it, even when quiet', () => {
    const { reporter, text } = record({ quiet: true });
    reporter.runStarted(plan, 0, 1);
    reporter.phase('load');
    reporter.tick(TICK);
    reporter.message('hello');
    reporter.runEnded(UNKNOWN_RUN);
    expect(text()).toBe('');
    reporter.finished(resultOf([UNKNOWN_RUN]), PATHS);
    for (const reason of [
      UNKNOWN_RUN.reasons[0]!,
      'the control emitter stalled',
      'larsen replay reports/runs/x/runs/sink-outage--my-agent--1',
    ])
      expect(text().replace(/\s+/g, ' ')).toContain(reason);
  });

  it('writes no control character of anyone else, whatever the run holds', () => {
    for (const isTty of [true, false]) {
      const { reporter, written } = record({ isTty });
      reporter.runStarted({ ...plan, agent: { ...plan.agent, name: HOSTILE_TEXT } }, 0, 1);
      reporter.phase(HOSTILE_TEXT, HOSTILE_TEXT);
      reporter.tick({ ...TICK, activeFaults: [HOSTILE_TEXT], note: HOSTILE_TEXT });
      reporter.message(HOSTILE_TEXT);
      reporter.runEnded(HOSTILE_RUN);
      reporter.finished(resultOf([HOSTILE_RUN]), PATHS);
      const foreign = written.join('').replaceAll('\r\u001b[2K', '').replaceAll('\n', '');
      expect(foreign).not.toMatch(/[\u0000-\u001f\u007f-\u009f\u202e\u2028]/);
    }
  });

  it('writes a line per phase and at most one progress line in five seconds where nothing can be redrawn', () => {
    const { reporter, pass, text } = record();
    reporter.runStarted(plan, 0, 2);
    reporter.phase('load', '60 s');
    for (let tick = 0; tick < 120; tick++) {
      reporter.tick({ ...TICK, sinceLoadStartMs: tick * 100 });
      pass(100);
    }
    reporter.phase('drain');
    reporter.runEnded(VALID_RUN);
    expect(text()).toMatchSnapshot();
  });

  it('redraws one line at most ten times a second on a terminal and clears it in the end', () => {
    const { reporter, pass, written } = record({ isTty: true, width: 80 });
    reporter.runStarted(plan, 0, 1);
    reporter.phase('load');
    written.length = 0;
    for (let tick = 0; tick < 1_000; tick++) {
      reporter.tick({ ...TICK, sinceLoadStartMs: tick });
      pass(1);
    }
    expect(written.length).toBe(10);
    for (const text of written) {
      expect(text).not.toContain('\n');
      expect(textWidth(text.replace('\r\u001b[2K', ''))).toBeLessThan(80);
    }
    reporter.message('in between');
    expect(written.at(-1)).toMatch(/^\r\u001b\[2Kin between\n[━╌]/);
    reporter.runEnded(VALID_RUN);
    expect(written.at(-2)).toBe('\r\u001b[2K');
  });

  it('paints only when told to', () => {
    const plain = record();
    const painted = record({ color: true });
    for (const { reporter } of [plain, painted]) reporter.finished(resultOf([INVALID_RUN]), PATHS);
    expect(plain.text()).not.toContain('\u001b');
    expect(painted.text().replace(/\u001b\[\d+m/g, '')).toBe(plain.text());
    expect(painted.text()).toContain('\u001b[31m');
  });

  it('survives a stream that is gone', () => {
    const { reporter } = record({
      stream: {
        write: () => {
          throw new Error('EPIPE');
        },
      },
    });
    expect(() => reporter.finished(resultOf([INVALID_RUN]), PATHS)).not.toThrow();
  });
});
