// A CommonJS program with V8's code cache beside it, FILE.cache. V8 itself compares its version, its flags and the length of
// the source, and trusts the rest; so the file begins with a checksum of Node's version, the source and the cache: what was
// made of another source, or is damaged, is as good as not there.

import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname } from 'node:path';
import { Script } from 'node:vm';
import { crc32 } from 'node:zlib';

const HEAD = 4;
const MADE_BY = `${process.version} ${process.versions.v8} ${process.platform} ${process.arch}`;

/** What is written to the file of a code cache. */
export function sealCache(source: Uint8Array, data: Uint8Array): Buffer {
  const head = Buffer.alloc(HEAD);
  head.writeUInt32LE(sum(source, data));
  return Buffer.concat([head, data]);
}

/** The code cache in a file, if it was made of this source by this Node, and is whole. */
export function openCache(source: Uint8Array, file: Buffer | undefined): Buffer | undefined {
  if (file === undefined || file.length <= HEAD) return undefined;
  const data = file.subarray(HEAD);
  return file.readUInt32LE() === sum(source, data) ? data : undefined;
}

/** The program's source and, where it fits, its code cache. */
export function readProgram(file: string): { source: Buffer; cachedData: Buffer | undefined } {
  const source = readFileSync(file);
  return { source, cachedData: openCache(source, readIfThere(`${file}.cache`)) };
}

/** Compiles a program, or takes its compiled code from the cache. */
export function compileProgram(file: string): Script {
  const { source, cachedData } = readProgram(file);
  const wrapped = `(function (require, module, exports, __filename, __dirname) {${source.toString()}\n})`;
  return new Script(wrapped, cachedData ? { filename: file, cachedData } : { filename: file });
}

/** Runs a compiled program as Node runs a module of CommonJS. */
export function runProgram(script: Script, file: string): void {
  const module = { exports: {} };
  script.runInThisContext()(createRequire(file), module, module.exports, file, dirname(file));
}

function sum(source: Uint8Array, data: Uint8Array): number {
  return crc32(data, crc32(source, crc32(`${MADE_BY} ${source.length}`)));
}

function readIfThere(file: string): Buffer | undefined {
  try {
    return readFileSync(file);
  } catch {
    return undefined;
  }
}
