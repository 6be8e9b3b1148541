// What keeps a ledger from being sure. The sink's listing, its own count and the pushes that the recording hop saw
// accepted are three witnesses; where they disagree, or a file has holes, parity is unknown and says why.

import type { ClosedApp } from './close-app.ts';
import type { LedgerInput } from './ledger-input.ts';

/** The doubts, one sentence each; empty when the witnesses agree. */
export function findDoubts(input: LedgerInput, closed: ClosedApp[]): string[] {
  const doubts = input.history.holes().map((hole) => `The history has a hole: ${hole}`);
  if (input.readBack === null) doubts.push('The sink could not be read back, so nobody knows what it holds.');
  else doubts.push(...compareWitnesses(input, closed));
  if (input.recordingHop !== false) doubts.push(...findUnseen(closed));
  doubts.push(...findUnrecognised(closed));
  return doubts;
}

function compareWitnesses(input: LedgerInput, closed: ClosedApp[]): string[] {
  const { listedEntries, countedEntries, deliveries } = input.readBack!;
  const doubts: string[] = [];
  const recorded = sum(closed, ({ context }) => context.tally.storedRecords);
  if (recorded !== deliveries) {
    doubts.push(`Reading back found ${count(deliveries)} lines, but ${count(recorded)} are recorded as stored.`);
  }
  if (countedEntries === null || countedEntries === listedEntries) return doubts;
  const hidden = countedEntries - listedEntries;
  // Loki hides equal copies when it lists and counts them: explained by lines that were pushed twice, all of which are listed.
  const pushedTwice = sum(closed, ({ totals }) => totals.duplicatePushedLines);
  const isExplained =
    hidden > 0 && hidden <= pushedTwice && sum(closed, ({ acceptedNotStored }) => acceptedNotStored) === 0;
  if (!isExplained) {
    doubts.push(
      `The sink lists ${count(listedEntries)} entries but counts ${count(countedEntries)}: one of the two is wrong.`,
    );
  }
  return doubts;
}

function findUnseen(closed: ClosedApp[]): string[] {
  return closed.flatMap(({ context, storedUnseen }) =>
    storedUnseen === 0
      ? []
      : [
          `${count(storedUnseen)} lines of ${context.app.name} are stored though no push of them was seen: something passes by the recording hop.`,
        ],
  );
}

/** An app of which the sink holds quotations in plenty and not one line: the wrapper does not fit its lines. */
function findUnrecognised(closed: ClosedApp[]): string[] {
  return closed.flatMap(({ context, totals, quotedLines }) =>
    totals.storedLines > 0 || quotedLines * 2 < totals.writtenLines || quotedLines === 0
      ? []
      : [
          `The sink holds ids of ${count(quotedLines)} lines of ${context.app.name} and not one as the line itself: the agent may wrap them in a way that was not learned (set \`line:\` in the agent file).`,
        ],
  );
}

function sum(closed: ClosedApp[], of: (app: ClosedApp) => number): number {
  return closed.reduce((total, app) => total + of(app), 0);
}

function count(lines: number): string {
  return lines.toLocaleString('en-US');
}
