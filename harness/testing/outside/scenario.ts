// The scenario that strangers run their parts in, and the ids of lines as they find them in texts.

import type { LedgerEntry } from '../../model/ledger.ts';

/** Two apps, 450 lines within 1.5 s. */
export const SCENARIO: string = createScenario('');

/** The scenario with more keys under `topology`. `preflight`: how long to wait for the first lines. */
export function createScenario(topology: string, preflight = '15s'): string {
  return `title: Two quiet apps
severity: minor
topology:
  apps: { a: { type: emitter, shape: plain }, b: { type: emitter } }
${topology}
load:
  - { to: a, kind: lines, until: 1500ms, rate: [ { at: 0s, perSecond: 200 } ] }
  - { to: b, kind: lines, until: 1500ms, rate: [ { at: 0s, perSecond: 100 } ], sizes: [ 100B, 2KiB ] }
limits: { preflight: ${preflight} }
`;
}

/** The ids of entries of ledger.jsonl, sorted. */
export function ids(entries: LedgerEntry[]): string[] {
  return entries.map(({ id }) => id).sort();
}

/** The ids in a text of whole lines, sorted, without canaries. */
export function idsIn(text: string): string[] {
  return [...text.matchAll(/lrs1-\w+-\w+-\d+-\d+-[0-9a-f]{8}/g)].map(([id]) => id).sort();
}
