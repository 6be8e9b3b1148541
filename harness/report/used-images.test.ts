import { describe, expect, it } from 'vitest';
import { resultOf, VALID_RUN } from '../testing/fixtures/report-results.ts';
import { createSyntheticRun } from '../testing/fixtures/report-run.ts';
import { renderRunReport } from './html/page.ts';
import { formatMarkdown } from './markdown.ts';
import { formatOutcome } from './terminal.ts';
import { createPaint } from './terminal-paint.ts';
import { describeImages } from './used-images.ts';

const PUBLIC = { name: 'traefik:v3.6.12', used: 'traefik:v3.6.12', madeHere: false };
const OTHER = { name: 'grafana/loki:3.7.8', used: 'grafana/loki:1.6.1', madeHere: true };
const run = { ...VALID_RUN, images: [PUBLIC, OTHER] };
const SAID = 'grafana/loki:1.6.1 (made on this machine) in place of grafana/loki:3.7.8';

describe('images that stood in for others', () => {
  it('are named with what they replaced and where they are from; public ones are not', () => {
    expect(describeImages([run, run])).toEqual([SAID]);
    expect(describeImages([{ images: [{ ...PUBLIC, madeHere: true }] }])).toEqual([
      'traefik:v3.6.12 (made on this machine)',
    ]);
    expect(describeImages([{ images: [{ ...PUBLIC, used: 'mirror/traefik:v3.6.12' }] }])).toEqual([
      'mirror/traefik:v3.6.12 in place of traefik:v3.6.12',
    ]);
    expect(describeImages([VALID_RUN])).toEqual([]);
  });

  it('are told by every report that people read', async () => {
    const { facts, history } = createSyntheticRun({ howls: false });
    const page = await renderRunReport({ result: run, facts, history, larsenVersion: '1' });
    const paths = { resultPath: 'out/result.json', reportPath: 'out/report.html' };
    const terminal = formatOutcome(resultOf([run]), { paths, paint: createPaint(false), width: 100 });
    expect(page).toContain(SAID);
    expect(formatMarkdown(resultOf([run])).replaceAll('\\', '')).toContain(SAID);
    expect(terminal.join('\n').replace(/\s+/g, ' ')).toContain(SAID);
  });

  it('are not spoken of where all images were the public ones', () => {
    expect(formatMarkdown(resultOf([{ ...run, images: [PUBLIC] }]))).not.toContain('Judged with');
  });
});
