import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterAll, describe, expect, it } from 'vitest';
import { HarnessError } from '../core/errors.ts';
import { DOCUMENT_BYTES_MAX, parseText, readDocument } from './read-document.ts';

const folder = mkdtempSync(join(tmpdir(), 'larsen-read-'));
afterAll(() => rmSync(folder, { recursive: true }));

function parse(source: string, file = 'x.yaml'): unknown {
  return parseText(source, { file, kind: 'SCENARIO' }).value;
}

function catchError(attempt: () => unknown): HarnessError {
  try {
    attempt();
  } catch (error) {
    if (error instanceof HarnessError) return error;
    throw error;
  }
  throw new Error('nothing was thrown');
}

describe('parseText', () => {
  it('reads YAML and JSON alike', () => {
    expect(parse('a: [1, x, true, null]')).toEqual({ a: [1, 'x', true, null] });
    expect(parse('{"a":\t[1]}', 'x.json')).toEqual({ a: [1] });
  });

  it('takes placeholders without quotes where YAML would see a map', () => {
    expect(parse('- { path: /static/{id}, until: 60s }')).toEqual([{ path: '/static/{id}', until: '60s' }]);
    expect(parse('command: [x, --port, {http}, "{forward}", http://{sink}/y]')).toEqual({
      command: ['x', '--port', '{http}', '{forward}', 'http://{sink}/y'],
    });
    expect(parse('a: { http: 1 }')).toEqual({ a: { http: 1 } });
  });

  it.each([
    [
      'an alias bomb',
      `a: &a [x,x,x,x,x,x,x,x,x]\n${'bcdefgh'.replaceAll(
        /./g,
        (name) =>
          `${name}: &${name} [${Array(9)
            .fill(`*${String.fromCharCode(name.charCodeAt(0) - 1)}`)
            .join(',')}]\n`,
      )}`,
    ],
    ['an alias inside its own anchor', 'a: &x [*x]'],
    ['a cycle through a map', 'a: &x { b: { c: *x } }'],
    ['a key that stands twice', 'a: 1\na: 2'],
    ['two documents', 'a: 1\n---\nb: 2'],
    ['a key that is a list', '? [a, b]\n: 1'],
    ['an unknown tag', 'a: !foo bar'],
    ['a binary value', 'a: !!binary aGVsbG8='],
    ['a date of YAML 1.1', '%YAML 1.1\n---\na: 2001-01-01'],
    ['a prototype', '__proto__: { x: 1 }'],
    ['a deep nest', `${'['.repeat(80)}${']'.repeat(80)}`],
    ['a nest that exhausts the stack', '['.repeat(20_000)],
    ['half a map', 'a: {b'],
  ])('refuses %s', (_, source) => {
    const error = catchError(() => parse(source));
    expect(error.code).toBe('E_SCENARIO_SYNTAX');
    expect(error.message).toMatch(/^x\.yaml can't be read as YAML: ./);
  });

  it('refuses a prototype in JSON too, and broken JSON', () => {
    expect(catchError(() => parse('{"__proto__": {"x": 1}}', 'x.json')).message).toContain('__proto__');
    expect(catchError(() => parse('{', 'x.json')).message).toContain('JSON');
  });

  it('judges 20,000 keys of one map without comparing each with each', () => {
    const source = Array.from({ length: 20_000 }, (_, index) => `k${index}: 1`).join('\n');
    expect(Object.keys(parse(source) as object)).toHaveLength(20_000);
  });

  it('tells lines of keys, entries and what stands around a missing one', () => {
    const { locate } = parseText('a:\n  b:\n    - 1\n    - c: 2\n', { file: 'x.yaml', kind: 'AGENT' });
    expect(locate(['a'])).toBe(1);
    expect(locate(['a', 'b', 1, 'c'])).toBe(4);
    expect(locate(['a', 'b', 7])).toBe(2);
  });

  it('any text is a value or a HarnessError with a message', () => {
    fc.assert(
      fc.property(
        fc.oneof(
          fc.string({ unit: 'binary' }),
          fc
            .array(
              fc.constantFrom(
                'a',
                ': ',
                '\n',
                '- ',
                '{',
                '}',
                '[',
                ']',
                '&x ',
                '*x',
                '"',
                '|',
                '? ',
                '<<',
                '!!map ',
                '%',
                '  ',
                '{id}',
              ),
              { maxLength: 40 },
            )
            .map((parts) => parts.join('')),
        ),
        (source) => {
          try {
            parse(source);
          } catch (error) {
            expect(error).toBeInstanceOf(HarnessError);
            expect((error as HarnessError).message.length).toBeGreaterThan(10);
          }
        },
      ),
      { numRuns: 500 },
    );
  });
});

describe('readDocument', () => {
  it('refuses a file that is too big, missing, a folder or no UTF-8', () => {
    const big = join(folder, 'big.yaml');
    writeFileSync(big, Buffer.alloc(DOCUMENT_BYTES_MAX + 1, 0x20));
    const binary = join(folder, 'binary.yaml');
    writeFileSync(binary, Buffer.from([0x61, 0xff, 0xfe]));
    expect(catchError(() => readDocument(big, 'SCENARIO')).code).toBe('E_SCENARIO_TOO_BIG');
    expect(catchError(() => readDocument(join(folder, 'none.yaml'), 'AGENT')).code).toBe('E_AGENT_UNREADABLE');
    expect(catchError(() => readDocument(folder, 'CONFIG')).message).toContain('not a regular file');
    expect(catchError(() => readDocument(binary, 'SCENARIO')).message).toContain('UTF-8');
  });
});
