// What counts as agreement between engines, and what must not.

import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { INVALID_RUN, VALID_RUN } from '../../testing/fixtures/report-results.ts';
import { BOUNDS, describeSide, findDifferences, type Side } from './compare-sides.ts';
import { findUnexplained, type Pair, renderTable } from './render-table.ts';

const side = (over: Partial<Side> = {}): Side => ({ verdict: 'valid', findings: [], figures: {}, doubts: [], ...over });
const pair = (docker: Partial<Side>): Pair => ({
  ...{ scenario: 'loss/x', agent: 'agents/a', isVariant: false },
  process: side({ figures: { lostLines: 1_000 } }),
  docker: side({ figures: { lostLines: 1_000 }, ...docker }),
});

describe('two sides', () => {
  it('agree with themselves unless unknown, and whoever is asked first', () => {
    const sides = fc.record({
      verdict: fc.constantFrom('valid' as const, 'invalid' as const, 'unknown' as const),
      findings: fc.subarray(['parity/lost', 'socket-stall/freeze']),
      figures: fc.dictionary(fc.constantFrom(...Object.keys(BOUNDS)), fc.float({ min: 0, max: 1e7, noNaN: true })),
      doubts: fc.constant<string[]>([]),
    });
    fc.assert(
      fc.property(sides, (one) => findDifferences(one, one).join() === (one.verdict === 'unknown' ? 'verdict' : '')),
    );
    fc.assert(
      fc.property(
        sides,
        sides,
        (one, other) => findDifferences(one, other).join() === findDifferences(other, one).join(),
      ),
    );
  });

  it('differ by verdict, by findings under one verdict, and by each figure beyond its bound', () => {
    expect(findDifferences(side(), side({ verdict: 'unknown' }))).toEqual(['verdict']);
    expect(findDifferences(side({ verdict: 'unknown' }), side({ verdict: 'unknown' }))).toEqual(['verdict']);
    const lost = side({ verdict: 'invalid', findings: ['parity/lost'] });
    expect(findDifferences(lost, { ...lost, findings: ['parity/rejected'] })).toEqual(['findings']);
    for (const figure of Object.keys(BOUNDS))
      expect(findDifferences(side({ figures: { [figure]: 1e6 } }), side({ figures: { [figure]: 1e5 } }))).toEqual([
        figure,
      ]);
    expect(findDifferences(side({ figures: { lostLines: 0 } }), side({ figures: { lostLines: 251 } }))).toEqual([
      'lostLines',
    ]);
    expect(findDifferences(side({ figures: { lostLines: 0 } }), side({ figures: { lostLines: 250 } }))).toEqual([]);
  });

  it('are read from results', () => {
    expect(describeSide(VALID_RUN)).toMatchObject({ verdict: 'valid', findings: [], doubts: [] });
    const { findings, figures } = describeSide(INVALID_RUN);
    expect(findings.length).toBeGreaterThan(0);
    expect(figures.lostLines).toBe(INVALID_RUN.ledger.total.lostLines);
  });
});

describe('the table', () => {
  it('says yes, or what differs with its reason; without one it is told as such', () => {
    const reasons = { 'loss/x agents/a': 'Because.' };
    expect(renderTable([pair({})], { reasons, head: 'H.' })).toContain('| lost 1,000 / 1,000 | yes |');
    const differing = pair({ verdict: 'invalid', findings: ['parity/lost'] });
    expect(renderTable([differing], { reasons, head: 'H.' })).toContain('**no**: verdict, findings. Because. |');
    expect(renderTable([differing], { reasons: {}, head: 'H.' })).toContain('0 of 1 pairs agree');
    expect(findUnexplained([pair({}), differing], {})).toEqual(['loss/x agents/a']);
    expect(findUnexplained([differing], reasons)).toEqual([]);
    expect(findUnexplained([{ ...differing, isVariant: true }], reasons)).toEqual(['loss/x agents/a changed']);
  });
});
