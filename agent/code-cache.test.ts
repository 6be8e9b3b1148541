// Which code caches are taken: the one that this Node made of this source, whole; no other.

import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterAll, beforeEach, expect, test } from 'vitest';
import { compileProgram, openCache, readProgram, runProgram, sealCache } from './code-cache.ts';

const folder = mkdtempSync(join(tmpdir(), 'larsen-cache-'));
const file = join(folder, 'program.cjs');
const SOURCE = "globalThis.larsenTest = require('node:path').basename(__filename) + 'one';";
afterAll(() => rmSync(folder, { recursive: true, force: true }));
beforeEach(() => {
  rmSync(`${file}.cache`, { force: true });
  writeFileSync(file, SOURCE);
});

/** What the program says it is. */
function run(): unknown {
  const script = compileProgram(file);
  runProgram(script, file);
  return (globalThis as { larsenTest?: unknown }).larsenTest;
}

function makeCache(): Buffer {
  const script = compileProgram(file);
  runProgram(script, file);
  return sealCache(readFileSync(file), script.createCachedData());
}

const bytes = fc.uint8Array({ minLength: 1, maxLength: 200 });

test('what was sealed comes back; with one byte changed, cut, or of another source it does not', () => {
  fc.assert(
    fc.property(bytes, bytes, fc.nat(), fc.integer({ min: 1, max: 255 }), (source, data, at, change) => {
      const sealed = sealCache(source, data);
      expect(openCache(source, sealed)).toEqual(Buffer.from(data));
      const damaged = Buffer.from(sealed);
      damaged[at % damaged.length] = (damaged[at % damaged.length] as number) ^ change;
      expect(openCache(source, damaged)).toBeUndefined();
      expect(openCache(source, sealed.subarray(0, at % sealed.length))).toBeUndefined();
      const other = Uint8Array.from(source);
      other[at % other.length] = (other[at % other.length] as number) ^ change;
      expect(openCache(other, sealed)).toBeUndefined();
    }),
  );
});

test('a cache that fits is given to V8', () => {
  writeFileSync(`${file}.cache`, makeCache());
  expect(readProgram(file).cachedData).toBeDefined();
  expect(run()).toBe('program.cjsone');
});

test('another source of the same length, for which V8 would take the cache, runs as it is written', () => {
  writeFileSync(`${file}.cache`, makeCache());
  writeFileSync(file, SOURCE.replace('one', 'two'));
  expect(readProgram(file).cachedData).toBeUndefined();
  expect(run()).toBe('program.cjstwo');
});

test('a sealed cache that V8 cannot read is rejected, and the program compiled', () => {
  // A source that this process has not compiled yet: V8 would not look at the cache of another.
  writeFileSync(file, SOURCE.replace('one', 'three'));
  writeFileSync(`${file}.cache`, sealCache(readFileSync(file), Buffer.from('no code')));
  expect(compileProgram(file).cachedDataRejected).toBe(true);
  expect(run()).toBe('program.cjsthree');
});
