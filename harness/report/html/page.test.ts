import { createHash } from 'node:crypto';
import { Script } from 'node:vm';
import { describe, expect, it } from 'vitest';
import type { LedgerEntry } from '../../model/ledger.ts';
import type { RunResult } from '../../model/run.ts';
import {
  HOSTILE_RUN,
  HOSTILE_TEXT,
  INVALID_RUN,
  resultOf,
  UNKNOWN_RUN,
  VALID_RUN,
} from '../../testing/fixtures/report-results.ts';
import { createSyntheticRun } from '../../testing/fixtures/report-run.ts';
import type { ChartData } from './charts.ts';
import { renderDocument } from './document.ts';
import { renderIndex, renderRunReport } from './page.ts';

const ENTRY: LedgerEntry = {
  id: 'lrs1-k3f9qa-web-5000-284-9a0bc1d2',
  app: 'web',
  seq: 5_000,
  account: 'unaccounted',
  hop: 'agent..sink',
  reason: 'refused 500, not retried',
  lastSeenMs: 15_210,
  lastSeen: 'pushed',
  bytes: 284,
  acceptedPushes: 0,
  storedCopies: 0,
};

async function render(
  result: RunResult,
  { howls = true, hostile = false, entries = [] as LedgerEntry[] } = {},
): Promise<string> {
  const { facts, history } = createSyntheticRun({ howls });
  const { plan } = facts;
  const ugly = {
    ...facts,
    plan: {
      ...plan,
      folder: HOSTILE_TEXT,
      scenario: { ...plan.scenario, title: HOSTILE_TEXT },
      agent: { ...plan.agent, configText: HOSTILE_TEXT },
    },
    faults: facts.faults.map((fault) => ({ ...fault, fault: HOSTILE_TEXT })),
  };
  return renderRunReport({
    result,
    facts: hostile ? ugly : facts,
    history,
    larsenVersion: '0.1.0',
    entries,
    ...(hostile ? { environment: { [HOSTILE_TEXT]: HOSTILE_TEXT } } : {}),
  });
}

/** The policy's hash of each inline script and style that a browser would run. */
function inlineHashes(page: string): string[] {
  return [...page.matchAll(/<(script|style)>(.*?)<\/\1>/gs)].map(
    (match) => `'sha256-${createHash('sha256').update(match[2]!).digest('base64')}'`,
  );
}

function scriptsOf(page: string): string[] {
  return [...page.matchAll(/<script>(.*?)<\/script>/gs)].map((match) => match[1]!);
}

describe('the pages', () => {
  it('load nothing: no address in any src, href, url() or import, and a policy that forbids it', async () => {
    for (const page of [await render(INVALID_RUN), renderIndex(resultOf([VALID_RUN, INVALID_RUN, UNKNOWN_RUN]))]) {
      const markup = page.replace(/<(script|style)[^>]*>.*?<\/\1>/gs, '');
      for (const [, address] of markup.matchAll(/\b(?:src|href|action|data|poster|srcset)="([^"]*)"/g))
        expect(address).toMatch(/^(\.\/|data:,$|#)/);
      const styles = [...page.matchAll(/<style>(.*?)<\/style>/gs)].map((match) => match[1]).join('');
      expect(styles).not.toMatch(/url\(|@import/);
      expect(page).toContain(`Content-Security-Policy" content="default-src 'none'; script-src 'sha256-`);
    }
  });

  it('allow exactly the scripts and styles that they hold', async () => {
    for (const page of [await render(HOSTILE_RUN, { hostile: true }), renderIndex(resultOf([HOSTILE_RUN]))]) {
      const policy = /Content-Security-Policy" content="([^"]*)"/.exec(page)![1]!;
      expect([...policy.matchAll(/'sha256-[^']+'/g)].map(String).sort()).toEqual(inlineHashes(page).sort());
      expect(policy).not.toMatch(/unsafe|\*|http/);
      expect(page).not.toMatch(/ (style|on[a-z]+)="/);
    }
  });

  it('run no text of a run, and let it end no element', async () => {
    const plain = await render(INVALID_RUN);
    for (const [page, reference] of [
      [
        await render(HOSTILE_RUN, { hostile: true, entries: [{ ...ENTRY, id: HOSTILE_TEXT, reason: HOSTILE_TEXT }] }),
        plain,
      ],
      [renderIndex(resultOf([HOSTILE_RUN])), renderIndex(resultOf([VALID_RUN]))],
    ] as const) {
      expect(page.match(/<script/g)).toHaveLength(reference.match(/<script/g)!.length);
      expect(page).not.toMatch(/<img|[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u202e]/);
      expect(page).toContain('&lt;/script&gt;');
    }
  });

  it('hold scripts that compile', async () => {
    const scripts = scriptsOf(await render(VALID_RUN));
    expect(scripts).toHaveLength(3);
    for (const script of scripts) expect(() => new Script(script)).not.toThrow();
  });

  it('refuse inline code that would end its own element', () => {
    expect(() => renderDocument({ title: '', body: '', styles: [], scripts: ['"</script>"'] })).toThrow(
      /end its own element/,
    );
  });
});

describe('the page of a run', () => {
  it('says verdict, findings with their events, where lines ended, and how to run it again', async () => {
    const page = await render(INVALID_RUN, { entries: [ENTRY] });
    for (const text of [
      'The agent howled, apps froze and 17,620 of 32,060 lines were lost.',
      INVALID_RUN.findings[0]!.title,
      'between driver and agent',
      'buffer_chunk_limit',
      'event 24 ·',
      '8,200 lines stored (25.6 %)',
      ENTRY.id,
      'larsen replay reports/runs/2026-11-22T14-21-example',
      'grpcMessageMaxBytes',
    ])
      expect(page).toContain(text);
    expect(page.indexOf('class="verdict"')).toBeLessThan(page.indexOf('id="findings"'));
    expect(page.indexOf('id="findings"')).toBeLessThan(page.indexOf('id="charts"'));
  });

  it('gives the page’s script every chart, fault and finding', async () => {
    const page = await render(INVALID_RUN);
    const data = JSON.parse(/id="data">(.*?)<\/script>/s.exec(page)![1]!);
    expect(data.charts.map((chart: { id: string }) => chart.id)).toEqual([
      'lines',
      'bytes',
      'own',
      'writes',
      'pushes',
      'memory',
    ]);
    for (const chart of data.charts)
      for (const series of chart.series) expect(series.values).toHaveLength(chart.timesS.length);
    expect(data.faults).toEqual([{ label: 'sink-status', fromS: 15, toS: 25 }]);
    expect(data.findings.map((finding: { number: number }) => finding.number)).toEqual([1, 2, 3]);
  });

  it('shows writes as bands from p50 to the maximum, and tells them in words', async () => {
    const page = await render(INVALID_RUN);
    const data = JSON.parse(/id="data">(.*?)<\/script>/s.exec(page)![1]!) as ChartData;
    const { series } = data.charts.find(({ id }) => id === 'writes')!;
    expect(series.map(({ label, style }) => [label, style])).toEqual([
      ...['p50', 'p95', 'p99', 'max'].map((label) => [label, 'band']),
      ...['web', 'quiet'].map((name) => [`max of ${name}`, 'line']),
      ['control emitter', 'dashed'],
    ]);
    const [p50, p95, p99, max, web] = series.map(({ values }) => values);
    for (const [bin, most] of max!.entries()) {
      const values = [p50![bin], p95![bin], p99![bin], most];
      if (most === null) expect(values).toEqual([null, null, null, null]);
      else expect(values).toEqual(values.toSorted((a, b) => a! - b!));
    }
    expect(Math.max(...(max as number[]))).toBe(Math.max(...(web as number[])));
    expect(page).toContain(
      'role="img" aria-label="How long writes to stdout took. At their worst: p50 38800 ms, p95 38800 ms, p99 38800 ms, max 38800 ms."',
    );
  });

  it('says why it is unknown before anything else, and claims nothing', async () => {
    const page = await render(UNKNOWN_RUN, { howls: false });
    expect(page).toContain('This run proves nothing');
    expect(page).toContain('the control emitter stalled');
    expect(page).not.toContain('No howl');
  });

  it('is calm when the run is valid', async () => {
    const page = await render(VALID_RUN, { howls: false });
    expect(page).toContain('No howl, no frozen app, no lost line: 32,060 of 32,060 lines stored.');
    expect(page).not.toContain('id="findings"');
  });

  it('shows what each process cost per line, and nothing where no line was written', async () => {
    const costs = [{ role: 'driver', name: 'docker', cpuMs: 1_000, memoryMaxBytes: 64 * 1_048_576 }];
    const { ledger } = VALID_RUN;
    const page = await render({ ...VALID_RUN, costs });
    expect(page).toContain(`${(1e6 / ledger.total.writtenLines).toFixed(1)} µs`);
    const idle = { ...ledger, total: { ...ledger.total, writtenLines: 0 } };
    expect(await render({ ...VALID_RUN, costs, ledger: idle })).not.toContain('What it cost');
  });

  it('claims nothing that was not judged', async () => {
    const { parity } = VALID_RUN.checks;
    const page = await render({ ...VALID_RUN, checks: { parity: parity! } }, { howls: false });
    expect(page).toContain('No lost line: 32,060 of 32,060 lines stored.');
    expect(page).not.toMatch(/no howl|no frozen/i);
  });

  it('tells how much of a loss the agent admits, where its counters were read', async () => {
    const { parity } = INVALID_RUN.checks;
    const checks = { ...INVALID_RUN.checks, parity: { ...parity!, numbers: { ...parity!.numbers, admittedLines: 3 } } };
    expect(await render({ ...INVALID_RUN, checks }, { howls: true })).toContain(
      'own counters, log and dead letters admit 3;',
    );
    expect(await render(INVALID_RUN, { howls: true })).not.toContain('own counters');
  });

  it('cuts the list of lines at fifty and reads no further', async () => {
    let read = 0;
    const { facts, history } = createSyntheticRun({ howls: true });
    const entries = function* () {
      for (; ; read++) yield { ...ENTRY, seq: read };
    };
    const page = await renderRunReport({
      result: INVALID_RUN,
      facts,
      history,
      larsenVersion: '0.1.0',
      entries: entries(),
    });
    expect(page).toContain('The first 50 lines that were not stored exactly once');
    expect(read).toBe(50);
  });
});

describe('the overview', () => {
  it('links the page of each run by a path that cannot be an address', () => {
    const page = renderIndex(resultOf([VALID_RUN, { ...INVALID_RUN, folder: 'javascript:alert(1)' }, HOSTILE_RUN]));
    expect(page).toContain('href="./runs/spike-viral-video--larsen-agent--1/report.html"');
    expect(page).toContain('href="./javascript%3Aalert(1)/report.html"');
  });
});
