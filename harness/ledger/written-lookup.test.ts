// What was written, by app and seq.

import { describe, expect, it } from 'vitest';
import { LINE_KINDS, type LineRecord } from '../model/line-record.ts';
import { createHistory, lineRecord } from '../testing/create-history.ts';
import { readWrittenLookup } from './written-lookup.ts';

const planned = (seq: number): LineRecord => lineRecord(LINE_KINDS.planned, seq, { bytes: 90 });
const written = (seq: number, fields: Partial<LineRecord> = {}): LineRecord =>
  lineRecord(LINE_KINDS.written, seq, { bytes: 100, crc: seq + 1, detail: 4, value: 2, ...fields });
const read = (seq: number): LineRecord => lineRecord(LINE_KINDS.driverRead, seq, { bytes: 80 });

const find = async (records: LineRecord[], seq: number) => {
  const lookup = await readWrittenLookup(createHistory([], { web: records }));
  const line = lookup.find('web', seq);
  return line && { ...line };
};

describe('looking up written lines', () => {
  it('gives length, checksum and place of the id as the app recorded them', async () => {
    expect(await find([planned(1), written(1)], 1)).toEqual({ bytes: 100, crc: 2, hasCrc: true, idOffset: 4 });
  });

  it('does not depend on the order of the witnesses', async () => {
    expect(await find([read(1), written(1), planned(1), read(1)], 1)).toMatchObject({ bytes: 100, hasCrc: true });
  });

  it('gives the length that the driver read where the app tells nothing', async () => {
    expect(await find([planned(3), read(3)], 3)).toEqual({ bytes: 80, crc: 0, hasCrc: false, idOffset: -1 });
  });

  it('knows planned lines, without their bytes', async () => {
    expect(await find([planned(3)], 3)).toEqual({ bytes: 0, crc: 0, hasCrc: false, idOffset: -1 });
  });

  it('knows no place of an id that nobody told', async () => {
    expect(await find([written(0, { detail: 65_535 })], 0)).toMatchObject({ hasCrc: true, idOffset: -1 });
  });

  it('knows nothing of lines that were neither planned nor written, of gaps and of strangers', async () => {
    const records = [planned(0), planned(2), read(1), read(4_000_000_000)];
    for (const seq of [1, 3, 5_000, 4_000_000_000]) expect(await find(records, seq)).toBeUndefined();
    const lookup = await readWrittenLookup(createHistory([], { web: records }));
    expect(lookup.find('other', 0)).toBeUndefined();
  });

  it('keeps what it knew when it grows', async () => {
    const records = Array.from({ length: 5_000 }, (_, seq) => written(seq));
    for (const seq of [0, 1_023, 1_024, 4_999])
      expect(await find(records, seq)).toMatchObject({ crc: seq + 1, bytes: 100 });
  });
});
