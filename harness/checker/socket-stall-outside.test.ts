// What is seen from outside of the apps: requests without a good answer, a container runtime that does not come back.

import { describe, expect, it } from 'vitest';
import type { LineRecord } from '../model/line-record.ts';
import { atMs, journey } from '../testing/journey.ts';
import type { Moment } from './testing/check-history.ts';
import { check, heldUp, quiet } from './testing/held-up-lines.ts';

describe('socket-stall rejects', () => {
  it('requests without a good answer, unless a freeze that was found explains them', async () => {
    const requests = (ms: number): LineRecord[] =>
      [0, 1, 2, 3].flatMap((seq) => {
        const line = journey(seq, ms + seq * 100).planned();
        return (seq < 2 ? line.answered() : seq === 2 ? line.failed(2_000) : line.notSent()).records;
      });
    const outside = await check({ lines: { api: requests(3_000), quiet } });
    expect(outside).toMatchObject({ verdict: 'invalid', found: ['freeze@app'] });
    expect(outside.findings[0]!.numbers).toMatchObject({ failedRequests: 1, notSentRequests: 1, failedRatio: 0.5 });
    expect((await check({ lines: { api: requests(3_000), quiet }, params: { httpFailedMaxRatio: 0.5 } })).verdict).toBe(
      'valid',
    );
    const explained = await check({ lines: { api: requests(3_000), web: heldUp(2_500) } });
    expect(explained.found).toEqual(['freeze@app..driver']);
    expect((await check({ lines: { api: [journey(0).planned().answered(503)], quiet } })).found).toEqual([
      'freeze@app',
    ]);
  });

  it('a container runtime that does not come back', async () => {
    const hang = (tookMs: number): Moment => ({
      ...{ kind: 'probe', hop: 'driver', atNs: atMs(9_000) },
      data: { probe: 'runtime', command: 'docker stop web', tookMs },
    });
    expect(await check({ lines: { quiet }, events: [hang(40_000)] })).toMatchObject({
      verdict: 'invalid',
      found: ['runtime-hang@driver'],
    });
    expect((await check({ lines: { quiet }, events: [hang(10_200)] })).verdict).toBe('valid');
    expect(
      (await check({ lines: { quiet }, events: [hang(10_200)], params: { runtimeMax: '5s' } })).findings[0]!.numbers,
    ).toEqual({ hangs: 1, tookMaxMs: 10_200 });
  });
});

describe('socket-stall of a runtime that was to be watched', () => {
  const runtime = (command: string, tookMs: number, rest: object = {}): Moment => ({
    ...{ kind: 'probe', hop: 'driver', atNs: atMs(9_000) },
    data: { probe: 'runtime', command, tookMs, answered: true, when: 'holding', ...rest },
  });

  it('is unknown when it was never asked during the run', async () => {
    const params = { runtimeMax: '5s' };
    expect((await check({ lines: { quiet }, params })).verdict).toBe('unknown');
    const swept = runtime('rm', 100, { when: 'tear-down' });
    expect((await check({ lines: { quiet }, params, events: [swept] })).verdict).toBe('unknown');
    const { verdict, numbers } = await check({ lines: { quiet }, params, events: [runtime('ps', 30)] });
    expect({ verdict, psMaxMs: numbers['runtime.psMaxMs'] }).toEqual({ verdict: 'valid', psMaxMs: 30 });
  });

  it('names each command that hung, and that only a rescue ended it', async () => {
    const events = [runtime('stop', 40_000), runtime('inspect', 39_000), runtime('rm', 20_000, { rescued: true })];
    const [finding] = (await check({ lines: { quiet }, events })).findings;
    expect(finding!.title).toContain(
      '`stop`, `inspect`, `rm` for up to 40.0 s, and only a listener in place of the agent',
    );
  });
});
