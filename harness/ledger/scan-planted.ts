// Looks for planted personal data in what the sink holds: in lines, labels and metadata of each entry, as it is read
// back. Passes the entries on unchanged.

import type { SinkEntry } from '../model/parts.ts';
import { findPlanted, PLANTED_KINDS, type PlantedFacts } from '../model/planted.ts';

/** The entries, counted into `facts` as they pass. */
export async function* scanPlanted(entries: AsyncIterable<SinkEntry>, facts: PlantedFacts): AsyncGenerator<SinkEntry> {
  for await (const entry of entries) {
    facts.scannedEntries++;
    scanEntry(entry, facts);
    yield entry;
  }
}

function scanEntry({ line, labels, metadata }: SinkEntry, { leaked }: PlantedFacts): void {
  const text = typeof line === 'string' ? line : Buffer.from(line).toString('utf8');
  const around = [...Object.values(labels), ...Object.values(metadata ?? {})].join('\n');
  for (const kind of PLANTED_KINDS) {
    const sample = findPlanted(kind, text) ?? findPlanted(kind, around);
    if (sample === null) continue;
    const found = leaked[kind] ?? { entries: 0, sample };
    found.entries++;
    leaked[kind] = found;
  }
}
