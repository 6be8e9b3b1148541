import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createLineRecord, decodeLineRecord, encodeLineRecord, LINE_RECORD_BYTES } from './line-record.ts';
import { createLineWriter } from './line-writer.ts';
import { composeVerdicts } from './verdict.ts';

describe('line records', () => {
  it('come back as they were written', () => {
    const u32 = fc.integer({ min: 0, max: 0xffffffff });
    fc.assert(
      fc.property(
        fc.nat(255),
        fc.nat(5),
        fc.nat(65_535),
        u32,
        fc.double({ noNaN: true }),
        fc.double({ noNaN: true }),
        u32,
        u32,
        (kind, hop, detail, seq, atNs, value, bytes, crc) => {
          const view = new DataView(new ArrayBuffer(LINE_RECORD_BYTES * 2));
          encodeLineRecord(view, LINE_RECORD_BYTES, kind, hop, detail, seq, atNs, value, bytes, crc);
          const record = createLineRecord();
          decodeLineRecord(view, LINE_RECORD_BYTES, record);
          expect(record).toEqual({ kind, hop, detail, seq, atNs, value, bytes, crc });
        },
      ),
    );
  });

  it('saturate a detail that does not fit', () => {
    const view = new DataView(new ArrayBuffer(LINE_RECORD_BYTES));
    encodeLineRecord(view, 0, 2, 0, 70_000, 1, 0, 0, 0, 0);
    const record = createLineRecord();
    decodeLineRecord(view, 0, record);
    expect(record.detail).toBe(65_535);
  });

  it('are appended whole by two writers of one file', () => {
    const folder = mkdtempSync(join(tmpdir(), 'lines-'));
    try {
      const path = join(folder, 'web.bin');
      const writers = [createLineWriter(path), createLineWriter(path)];
      for (let seq = 0; seq < 5_000; seq++) writers[seq % 2]!.append(1, 0, 0, seq, 0, seq, 0, 0);
      for (const writer of writers) writer.close();
      const file = readFileSync(path);
      const view = new DataView(file.buffer, file.byteOffset, file.length);
      const record = createLineRecord();
      const seen = new Set<number>();
      for (let at = 0; at < file.length; at += LINE_RECORD_BYTES) {
        decodeLineRecord(view, at, record);
        expect(record.value).toBe(record.seq);
        seen.add(record.seq);
      }
      expect(seen.size).toBe(5_000);
    } finally {
      rmSync(folder, { recursive: true });
    }
  });
});

describe('verdicts', () => {
  it('compose: invalid beats unknown beats valid, and nothing is unknown', () => {
    expect(composeVerdicts(['valid', 'unknown', 'invalid'])).toBe('invalid');
    expect(composeVerdicts(['valid', 'unknown'])).toBe('unknown');
    expect(composeVerdicts(['valid', 'valid'])).toBe('valid');
    expect(composeVerdicts([])).toBe('unknown');
  });
});
