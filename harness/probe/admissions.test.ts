// What an agent admits in its own log and its dead letters, and that no file of it can keep a run from ending.

import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { formatLineId } from '../model/line-id.ts';
import { type AdmissionSources, readAdmissions } from './admissions.ts';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'admissions-'));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

const write = (name: string, text: string): string => {
  const file = join(folder, name);
  writeFileSync(file, text);
  return file;
};
const read = (over: Partial<AdmissionSources>) =>
  readAdmissions({ log: null, deadLetters: null, run: 'run001', apps: ['web', 'web-1'], ...over });
const id = (app: string, seq: number, canary = false): string =>
  formatLineId({ run: 'run001', app, seq, canary, bytes: 10, crc: 7 });

describe('the own log', () => {
  const entry = (log: string): string => `${JSON.stringify({ log: `${log}\n`, stream: 'stderr', time: 'x' })}\n`;

  it.each<[string, RegExp, string, number]>([
    ['each match is a line', /giving up on/u, entry('giving up on a') + entry('fine') + entry('giving up on b'), 2],
    ['or as many as its group says', /dropped (?<lines>[\d,]+) records/u, entry('dropped 1,200 records'), 1_200],
    ['once a line', /drop/u, entry('drop drop drop'), 1],
    ['a group that is no number is one line', /dropped (?<lines>\w+)/u, entry('dropped some'), 1],
    ['lines that are no JSON are read as they are', /drop/u, 'a drop\n{"log":\n', 1],
  ])('%s', async (_, pattern, text, logLines) => {
    expect(await read({ log: { files: [write('agent-json.log', text)], pattern } })).toEqual({
      logLines,
      isCut: false,
    });
  });

  it('that was never written admits nothing, and is told from one that nobody asked for', async () => {
    expect(await read({ log: { files: [join(folder, 'none')], pattern: /x/u } })).toEqual({
      logLines: 0,
      isCut: false,
    });
    expect(await read({})).toEqual({ isCut: false });
  });
});

describe('dead letters', () => {
  it('are counted by the id of each line, once, in all files of a folder, canaries and other runs left out', async () => {
    mkdirSync(join(folder, 'dead/deep'), { recursive: true });
    write('dead/a.jsonl', `{"line":"${id('web', 1)} x"}\n{"line":"${id('web', 2)}"}\n`);
    write(
      'dead/deep/b',
      `\u0000${id('web', 1)}${id('web-1', 1)}\n${id('web', 9, true)} ${id('web', 3).replace('run001', 'run002')}`,
    );
    expect(await read({ deadLetters: join(folder, 'dead') })).toEqual({ deadLetterLines: 3, isCut: false });
    expect(await read({ deadLetters: join(folder, 'dead/a.jsonl') })).toEqual({ deadLetterLines: 2, isCut: false });
    expect(await read({ deadLetters: join(folder, 'none') })).toEqual({ deadLetterLines: 0, isCut: false });
  });

  it('of any bytes are read to their end, and every id between them is found', async () => {
    const property = fc.asyncProperty(fc.array(fc.uint8Array({ maxLength: 200 }), { maxLength: 20 }), async (parts) => {
      const file = join(folder, 'any');
      writeFileSync(file, Buffer.concat(parts.flatMap((part, seq) => [part, Buffer.from(`\n${id('web', seq)}\n`)])));
      expect(await read({ deadLetters: file })).toEqual({ deadLetterLines: parts.length, isCut: false });
    });
    await fc.assert(property, { numRuns: 30 });
  });
});
