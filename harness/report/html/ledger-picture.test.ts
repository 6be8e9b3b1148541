import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { HopRange } from '../../model/event.ts';
import { HOSTILE_RUN, INVALID_RUN, ledgerTotals, VALID_RUN } from '../../testing/fixtures/report-results.ts';
import { listExits } from './ledger-exits.ts';
import { renderLedgerPicture } from './ledger-picture.ts';

const hops = fc.constantFrom<HopRange>(
  'app',
  'driver',
  'agent',
  'relay',
  'sink',
  'driver..agent',
  'agent..sink',
  'app..driver',
);

describe('the ways out of the pipeline', () => {
  it('add up to due minus stored, whatever part of it the list of hops explains', () => {
    const losses = fc.array(
      fc.record({
        hop: hops,
        reason: fc.constantFrom('queue-full', 'rejected: too long', 'never written'),
        lines: fc.nat(50),
        bytes: fc.nat(),
      }),
      { maxLength: 30 },
    );
    fc.assert(
      fc.property(losses, fc.nat(100), fc.nat(100), fc.nat(1_000), (list, neverWritten, rejected, stored) => {
        const listed = list.reduce((sum, { lines }) => sum + lines, 0);
        const due = stored + listed + neverWritten + rejected;
        const exits = listExits({ total: ledgerTotals({ due, stored, neverWritten, rejected }), hops: list });
        expect(exits.reduce((sum, { lines }) => sum + lines, 0)).toBe(due - stored);
        expect(exits.length).toBeLessThanOrEqual(17);
      }),
    );
  });

  it('stand in the order of the hops and tell rejected, never written and lost apart', () => {
    const exits = listExits(INVALID_RUN.ledger).map(({ hopLabel, lines, fate }) => [
      hopLabel,
      lines,
      lines > 0 ? fate : '',
    ]);
    expect(exits).toEqual([
      ['app', 6_240, 'never-written'],
      ['driver', 200, 'lost'],
      ['agent', 0, ''],
      ['agent..sink', 17_420, 'lost'],
      ['sink', 0, ''],
    ]);
  });
});

describe('the picture of the ledger', () => {
  it('shows a single lost line among a million', () => {
    const total = ledgerTotals({ due: 1_000_000, stored: 999_999 });
    const svg = renderLedgerPicture(
      { total, hops: [{ hop: 'driver', reason: 'queue-full', lines: 1, bytes: 1 }] },
      560,
    );
    expect(svg).toContain('1 line (&lt; 0.01 %)');
    expect(svg).toContain('999,999 lines stored (&gt; 99.99 %)');
    expect(svg).toContain('class="flow-lost"');
  });

  it('never widens the trunk on its way down, and stays inside its frame', () => {
    const trunk = /flow-alive" d="([^"]+)"/.exec(renderLedgerPicture(INVALID_RUN.ledger, 560))![1]!;
    const edge = trunk
      .split(/[MLZ]/)
      .filter(Boolean)
      .slice(1, -1)
      .map((point) => Number(point.split(' ')[0]));
    expect(edge).toEqual([...edge].sort((a, b) => b - a));
    expect(edge[0]).toBeLessThan(560);
  });

  it('draws a run without a loss and one without a line', () => {
    expect(renderLedgerPicture(VALID_RUN.ledger, 560)).not.toMatch(/flow-(lost|rejected|never-written)"/);
    expect(renderLedgerPicture({ total: ledgerTotals({}), hops: [] }, 326)).toContain('0 lines due');
    expect(renderLedgerPicture({ total: ledgerTotals({}), hops: [] }, 326)).not.toContain('NaN');
  });

  it('escapes reasons and hops', () => {
    expect(renderLedgerPicture(HOSTILE_RUN.ledger, 326)).not.toMatch(/<(script|img)/);
  });
});
