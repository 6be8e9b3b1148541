// The agent and the driver wait for each other: by histories that must be rejected so, and those of a stopped agent.

import { describe, expect, it } from 'vitest';
import { atMs } from '../testing/journey.ts';
import { logger, type Moment, processState } from './testing/check-history.ts';
import { check, heldUp, quiet, sending } from './testing/held-up-lines.ts';

describe('socket-stall rejects', () => {
  it('a circular wait: the own output of the agent stuck while an app froze', async () => {
    const stuck = [3_000, 3_500, 4_000, 4_500].map((ms) => logger(ms, { app: '@agent', ...sending }));
    const { found, findings } = await check({ lines: { web: heldUp(2_500), quiet }, events: stuck });
    expect(found).toEqual(['freeze@app..driver', 'circular-wait@driver..agent']);
    expect(findings[1]).toMatchObject({
      severity: 'critical',
      fromMs: 3_000,
      toMs: 4_500,
      numbers: { waitMs: 1_500, frozenApps: 1 },
    });
  });

  it('a circular wait without a frozen app, where the agent was seen in the write', async () => {
    const stuck = [3_000, 3_500, 4_000, 4_500].map((ms) => logger(ms, { app: '@agent', ...sending }));
    const threads = (wchan: string): Moment => ({
      ...{ kind: 'probe', hop: 'agent', atNs: atMs(4_100) },
      data: { probe: 'agent-threads', threads: [{ tid: 1, wchan, syscall: '1' }] },
    });
    const { verdict, found, cited, findings } = await check({
      lines: { quiet },
      events: [...stuck, threads('anon_pipe_write')],
    });
    expect({ verdict, found }).toEqual({ verdict: 'invalid', found: ['circular-wait@driver..agent'] });
    expect(cited(findings[0]!).map(({ data }) => data?.probe)).toEqual(['driver-state', 'agent-threads']);
    expect((await check({ lines: { quiet }, events: [...stuck, threads('ep_poll')] })).found).toEqual([]);
    expect((await check({ lines: { quiet }, events: [...stuck.slice(0, 2), threads('pipe_write')] })).found).toEqual(
      [],
    );
  });

  it('no circular wait while a signal keeps the agent from reading: that is a stopped agent', async () => {
    const stuck = [3_000, 3_500, 4_000, 4_500].map((ms) => logger(ms, { app: '@agent', ...sending }));
    const events = [...stuck, processState(2_900, 'agent', 'frozen'), processState(8_000, 'agent', 'thawed')];
    expect((await check({ lines: { web: heldUp(2_500), quiet }, events })).found).toEqual(['freeze@agent']);
  });
});
