// What keeps a ledger from being sure. The sink's listing, its own count and the pushes that the recording hop saw
// accepted are three witnesses; where they disagree, or a file has holes, parity is unknown and says why.

import type { ClosedApp } from './close-app.ts';
import type { ControlFacts } from './control-facts.ts';
import type { LedgerInput } from './ledger-input.ts';

/** The doubts, one sentence each; empty when the witnesses agree. */
export function findDoubts(input: LedgerInput, closed: ClosedApp[], facts: ControlFacts): string[] {
  const doubts = input.history.holes().map((hole) => `The history has a hole: ${hole}`);
  if (input.readBack === null) doubts.push('The sink could not be read back, so nobody knows what it holds.');
  else doubts.push(...compareWitnesses(input, closed, facts));
  if (input.recordingHop !== false) doubts.push(...findUnseen(closed));
  doubts.push(...findUnrecognised(closed));
  return doubts;
}

function compareWitnesses(input: LedgerInput, closed: ClosedApp[], facts: ControlFacts): string[] {
  const { listedEntries, countedEntries, deliveries } = input.readBack!;
  const doubts: string[] = [];
  const recorded = sum(closed, ({ context }) => context.tally.storedRecords);
  if (recorded !== deliveries) {
    doubts.push(`Reading back found ${count(deliveries)} lines, but ${count(recorded)} are recorded as stored.`);
  }
  if (countedEntries === null || countedEntries === listedEntries) return doubts;
  const hidden = countedEntries - listedEntries;
  const everyLineIsListed = sum(closed, ({ acceptedNotStored }) => acceptedNotStored) === 0;
  const isExplained = hidden > 0 && everyLineIsListed && hidden <= countCopies(input, closed, facts);
  if (!isExplained) {
    doubts.push(
      `The sink lists ${count(listedEntries)} entries but counts ${count(countedEntries)}: one of the two is wrong.`,
    );
  }
  return doubts;
}

/**
 * Loki hides equal copies when it lists and counts them. Copies may be: lines that were pushed twice, and what carries no
 * id (empty lines, the agent's own output), of which more was accepted than is listed, as with a clock of whole seconds.
 */
function countCopies(input: LedgerInput, closed: ClosedApp[], { acceptedOwnEntries }: ControlFacts): number {
  const pushedTwice = sum(closed, ({ totals }) => totals.duplicatePushedLines);
  return pushedTwice + Math.max(0, acceptedOwnEntries - input.readBack!.idLessEntries);
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
