// ledger.jsonl on disk.

import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import type { LedgerEntry } from '../model/ledger.ts';
import { writeLedgerFile } from './ledger-file.ts';

const folder = mkdtempSync(join(tmpdir(), 'larsen-ledger-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const makeEntry = (seq: number): LedgerEntry => ({
  id: `lrs1-run001-web-${seq}`,
  app: 'web',
  seq,
  account: 'unaccounted',
  hop: 'driver..agent',
  reason: 'never pushed',
  lastSeenMs: seq / 2,
  lastSeen: 'sent by the driver',
  bytes: 100,
  acceptedPushes: 0,
  storedCopies: 0,
});

describe('ledger.jsonl', () => {
  it.each([0, 1, 255, 256, 257, 1_000])('holds each of %i entries as a line of its own, in order', async (length) => {
    const path = join(folder, `${length}.jsonl`);
    const entries = Array.from({ length }, (_, seq) => makeEntry(seq));
    expect(await writeLedgerFile(path, { entries: () => entries })).toEqual({ entries: length });
    const text = readFileSync(path, 'utf8');
    expect(text.endsWith('\n') || length === 0).toBe(true);
    expect(
      text
        .split('\n')
        .slice(0, -1)
        .map((line) => JSON.parse(line)),
    ).toEqual(entries);
  });

  it('replaces what an earlier judgement wrote', async () => {
    const path = join(folder, 'again.jsonl');
    await writeLedgerFile(path, { entries: () => [makeEntry(1), makeEntry(2)] });
    await writeLedgerFile(path, { entries: () => [makeEntry(3)] });
    expect(readFileSync(path, 'utf8').trim().split('\n')).toHaveLength(1);
  });

  it('throws when the disk refuses, and when the entries do', async () => {
    await expect(writeLedgerFile(folder, { entries: () => [makeEntry(1)] })).rejects.toThrow('EISDIR');
    const broken = {
      entries: function* (): Generator<LedgerEntry> {
        yield makeEntry(1);
        throw new Error('books do not close');
      },
    };
    await expect(writeLedgerFile(join(folder, 'broken.jsonl'), broken)).rejects.toThrow('books do not close');
  });
});
