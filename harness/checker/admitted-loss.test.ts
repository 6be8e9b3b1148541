// What the agent admits stands beside what is missing, and changes no verdict.

import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { atMs, delivered, type Journey } from '../testing/journey.ts';
import { parity } from './parity.ts';
import { checkHistory, type Moment } from './testing/check-history.ts';
import { sent } from './testing/legal-lines.ts';

function page(ms: number, counters: Record<string, number>, status = 200): Moment {
  return { kind: 'probe', hop: 'agent', atNs: atMs(ms), data: { probe: 'metrics', status, tookMs: 1, counters } };
}

/** What the agent's log and dead letters told when it had ended. */
function written(told: { logLines?: number; deadLetterLines?: number }): Moment {
  return { kind: 'probe', hop: 'agent', atNs: atMs(14_000), data: { probe: 'admissions', isCut: false, ...told } };
}

/** Ten lines of which so many are lost. */
function losing(lost: number): Journey[] {
  return Array.from({ length: 10 }, (_, seq) => (seq < lost ? sent(seq) : delivered(seq)));
}

const check = async (lost: number, events: Moment[]) => {
  const { verdict, found, numbers } = await checkHistory(parity as never, { lines: { web: losing(lost) }, events });
  return { verdict, found, admitted: numbers.admittedLines, silent: numbers.silentLossRatio };
};

describe('the admitted loss', () => {
  it.each<[string, Moment[], { admitted?: number; silent?: number }]>([
    ['is not told where no page was read', [page(500, { dropped: 3 }, 500)], {}],
    [
      'is what counters rose by',
      [page(-100, { dropped: 7 }), page(500, { dropped: 7 }), page(900, { dropped: 10 })],
      { admitted: 3, silent: 0.25 },
    ],
    ['is what its log tells, where it has no counters', [written({ logLines: 1 })], { admitted: 1, silent: 0.75 }],
    ['is what its dead letters hold', [written({ deadLetterLines: 4 })], { admitted: 4, silent: 0 }],
    [
      'is told by the place that tells of most, not by all of them together',
      [page(500, { dropped: 1 }), written({ logLines: 3, deadLetterLines: 2 })],
      { admitted: 3, silent: 0.25 },
    ],
    ['is the sum of all counters', [page(500, { dropped: 1, rejected: 1 })], { admitted: 2, silent: 0.5 }],
    [
      'goes on where an agent began anew',
      [page(500, { dropped: 2 }), page(900, { dropped: 1 })],
      { admitted: 3, silent: 0.25 },
    ],
    [
      'is nothing where counters stand still',
      [page(-5, { dropped: 5 }), page(500, { dropped: 5 })],
      { admitted: 0, silent: 1 },
    ],
    ['may be more than what is missing', [page(500, { dropped: 9 })], { admitted: 9, silent: 0 }],
  ])('%s', async (_, events, { admitted, silent }) => {
    expect(await check(4, events)).toEqual({ verdict: 'invalid', found: ['lost@agent'], admitted, silent });
  });

  it('has no share where nothing is missing', async () => {
    const clean = { verdict: 'valid', found: [], admitted: 2, silent: undefined };
    expect(await check(0, [page(500, { dropped: 2 })])).toEqual(clean);
  });

  it('excuses nothing: verdict and findings are the same with and without it', async () => {
    await fc.assert(
      fc.asyncProperty(fc.nat(9), fc.nat(20), async (lost, admitted) => {
        const told = await check(lost, [page(500, { dropped: admitted })]);
        const untold = await check(lost, []);
        expect({ verdict: told.verdict, found: told.found }).toEqual({ verdict: untold.verdict, found: untold.found });
      }),
      { numRuns: 30 },
    );
  });
});
