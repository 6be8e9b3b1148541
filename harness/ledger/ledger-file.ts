// `ledger.jsonl`: one JSON line for every id that was not stored exactly once, written as a stream.

import { createWriteStream } from 'node:fs';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import type { Ledger, LedgerEntry } from '../model/ledger.ts';

/** Entries per write: some 60 KiB of text. */
const LINES_PER_BLOCK = 256;

/** Writes the file; resolves to how many ids it names. Throws when the disk refuses. */
export async function writeLedgerFile(path: string, ledger: Pick<Ledger, 'entries'>): Promise<{ entries: number }> {
  const counted = { entries: 0 };
  await pipeline(
    Readable.from(formatBlocks(ledger.entries(), counted), { objectMode: false }),
    createWriteStream(path),
  );
  return counted;
}

function* formatBlocks(entries: Iterable<LedgerEntry>, counted: { entries: number }): Generator<string> {
  let block = '';
  for (const entry of entries) {
    block += `${JSON.stringify(entry)}\n`;
    if (++counted.entries % LINES_PER_BLOCK !== 0) continue;
    yield block;
    block = '';
  }
  if (block !== '') yield block;
}
