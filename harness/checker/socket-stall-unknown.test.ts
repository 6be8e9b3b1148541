// When a standstill proves nothing: the machine stood still too, the load was late, nobody saw it.

import { describe, expect, it } from 'vitest';
import { atMs, journey } from '../testing/journey.ts';
import { calmMachine, control, loadProbe, processState } from './testing/check-history.ts';
import { check, heldUp, quiet, writtenAt } from './testing/held-up-lines.ts';

describe('socket-stall does not know', () => {
  it('when the control emitter stood still as well, for half as long or more', async () => {
    const lines = { web: heldUp(2_000), quiet };
    const machine = (worstMs: number) => [
      ...calmMachine().filter(({ atNs }) => atNs !== atMs(5_000)),
      control(5_000, 0, worstMs),
    ];
    const noisy = await check({ lines }, machine(1_000));
    expect(noisy).toMatchObject({
      verdict: 'unknown',
      found: [],
      reasons: [expect.stringMatching(/the machine, not the pipeline/)],
    });
    expect((await check({ lines }, machine(999))).verdict).toBe('invalid');
  });

  it('when no control emitter was seen in the time of a standstill', async () => {
    const lines = { web: heldUp(2_000), quiet };
    for (const machine of [[], [control(1_000), control(9_000)]])
      expect(await check({ lines }, machine)).toMatchObject({
        verdict: 'unknown',
        found: [],
        reasons: [expect.stringMatching(/no control emitter/)],
      });
  });

  it('when requests failed while the machine stood still', async () => {
    const api = [journey(0, 3_000).planned().failed(2_000)];
    expect(await check({ lines: { api, quiet } }, [control(4_000, 1_500)])).toMatchObject({
      verdict: 'unknown',
      reasons: [expect.stringMatching(/1 requests to api had no good answer, but/)],
    });
  });

  it('when requests failed though every write is on record and none was slow', async () => {
    const api = [journey(0, 3_000).planned().written().failed(2_000)];
    expect(await check({ lines: { api, quiet } })).toMatchObject({
      verdict: 'unknown',
      found: [],
      reasons: [expect.stringMatching(/no app stood in a write meanwhile/)],
    });
    const slow = [journey(0, 4_000).planned().written({ tookMs: 150 })];
    expect((await check({ lines: { api, quiet, slow } })).found).toEqual(['freeze@app']);
    const ended = processState(3_500, 'app', 'exited', 'media');
    expect((await check({ lines: { api, quiet }, events: [ended] })).found).toEqual(['freeze@app']);
  });

  it('when requests failed because the app was stopped after load', async () => {
    const cut = [journey(0, 3_000).planned().written().failed(600_000)];
    const stopped = processState(500_000, 'app', 'exited', 'api');
    expect(await check({ lines: { api: cut, quiet }, events: [stopped] })).toMatchObject({
      verdict: 'unknown',
      found: [],
      reasons: [expect.stringMatching(/no app stood in a write meanwhile/)],
    });
  });

  it('when the generator was late while its target answered', async () => {
    const api = Array.from({ length: 50 }, (_, seq) =>
      journey(seq, seq * 100)
        .planned()
        .answered(),
    );
    for (const probe of [loadProbe(3_000, 800), loadProbe(3_000, 1, 800)])
      expect(await check({ lines: { api }, events: [probe] })).toMatchObject({
        verdict: 'unknown',
        reasons: [expect.stringMatching(/load generator itself was up to 800 ms late/)],
      });
    expect((await check({ lines: { api }, events: [loadProbe(3_000, 400)] })).verdict).toBe('valid');
  });

  it('when lines were written late though no write held them up', async () => {
    const late = Array.from({ length: 50 }, (_, seq) => writtenAt(seq, seq * 10, seq * 10 + 900));
    expect(await check({ lines: { late } })).toMatchObject({
      verdict: 'unknown',
      reasons: [expect.stringMatching(/too busy to measure/)],
    });
  });

  it('after an empty run', async () => {
    for (const lines of [{}, { web: [] }])
      expect(await check({ lines })).toMatchObject({
        verdict: 'unknown',
        reasons: ['Nothing was due, so nothing could stand still.'],
      });
  });

  it('when nothing was seen of an app whose lines were due, whatever was seen of others', async () => {
    const web = [0, 1, 2].map((seq) => journey(seq).planned());
    for (const lines of [{ web }, { web, quiet }])
      expect(await check({ lines })).toMatchObject({
        verdict: 'unknown',
        reasons: [expect.stringMatching(/^web reported no write/)],
      });
  });
});
