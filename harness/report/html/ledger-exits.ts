// The ways in which lines left the pipeline before they were stored, in the order of the hops, so that they add up
// to due minus stored: what the ledger lists per hop, and what its totals say beyond that list.

import type { HopLoss, LedgerTotals } from '../../model/ledger.ts';
import { makeOneLine } from '../escape.ts';

/** How a line that was not stored ended; it chooses the colour. */
export type Fate = 'never-written' | 'lost' | 'rejected';

/** A way out, or with 0 lines a hop that all lines passed. */
export interface Exit {
  hopLabel: string;
  reason: string;
  lines: number;
  fate: Fate;
}

const HOPS = ['app', 'driver', 'agent', 'relay', 'sink'];
/** Exits drawn one by one; the smaller ones of the same fate are added up. */
const EXITS_MAX = 12;

/** Exits and passed hops in order of the hops. */
export function listExits({ total, hops }: { total: LedgerTotals; hops: readonly HopLoss[] }): Exit[] {
  const listed = hops.filter((loss) => loss.lines > 0).map(locate);
  const exits = fold([...listed, ...missing(total, listed)]);
  const passed = ['app', 'driver', 'agent', 'sink']
    .filter((hop) => !exits.some((exit) => exit.hopLabel === hop))
    .map((hop): Located => ({ hopLabel: hop, reason: '', lines: 0, fate: 'lost', position: HOPS.indexOf(hop) }));
  const ordered = [...exits, ...passed].sort((a, b) => a.position - b.position || b.lines - a.lines);
  return ordered.map(({ hopLabel, reason, lines, fate }, index) => ({
    hopLabel: ordered[index - 1]?.hopLabel === hopLabel ? '' : hopLabel,
    reason,
    lines,
    fate,
  }));
}

interface Located extends Exit {
  position: number;
}

function locate({ hop, reason, lines }: HopLoss): Located {
  const ends = hop.split('..').map((name) => HOPS.indexOf(name));
  const position = ends.reduce((sum, index) => sum + Math.max(0, index), 0) / ends.length;
  return {
    hopLabel: makeOneLine(hop),
    reason: makeOneLine(reason),
    lines,
    fate: fateOf({ hop, reason }),
    position,
  };
}

/** Accounts are not part of a HopLoss; the reason tells which it was. It chooses a colour, nothing is counted by it. */
function fateOf({ hop, reason }: { hop: string; reason: string }): Fate {
  if (/^(rejected|refused 400)/.test(reason)) return 'rejected';
  return hop === 'app' && !/queue|open|flight|held/i.test(reason) ? 'never-written' : 'lost';
}

/** What due minus stored holds beyond the list, by account as far as the totals tell. */
function missing(total: LedgerTotals, listed: Located[]): Located[] {
  let gap = total.dueLines - total.storedLines - listed.reduce((sum, exit) => sum + exit.lines, 0);
  const sum = (fate: Fate): number =>
    listed.filter((exit) => exit.fate === fate).reduce((lines, exit) => lines + exit.lines, 0);
  const beyond: Located[] = [
    {
      hopLabel: 'app',
      reason: 'never written',
      lines: total.neverWrittenLines - sum('never-written'),
      fate: 'never-written',
      position: 0,
    },
    {
      hopLabel: 'sink',
      reason: 'rejected',
      lines: total.rejectedLines - sum('rejected'),
      fate: 'rejected',
      position: 4,
    },
    { hopLabel: 'driver..sink', reason: 'lost', lines: total.dueLines, fate: 'lost', position: 2.5 },
  ];
  return beyond
    .map((exit) => {
      const lines = Math.max(0, Math.min(gap, exit.lines));
      gap -= lines;
      return { ...exit, lines };
    })
    .filter((exit) => exit.lines > 0);
}

function fold(exits: Located[]): Located[] {
  if (exits.length <= EXITS_MAX) return exits;
  const bySize = [...exits].sort((a, b) => b.lines - a.lines);
  const small = bySize.slice(EXITS_MAX - 1);
  const lines = small.reduce((sum, exit) => sum + exit.lines, 0);
  return [
    ...bySize.slice(0, EXITS_MAX - 1),
    { hopLabel: 'others', reason: `${small.length} smaller ones together`, lines, fate: 'lost', position: 3.5 },
  ];
}
