import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { unwrapLine } from './unwrap.ts';

const unwrap = (text: string, wrapper: Parameters<typeof unwrapLine>[1]): string | null =>
  unwrapLine(Buffer.from(text), wrapper)?.toString() ?? null;
const tail = 'container_id="4f2a" container_name="/web" source="stdout"';

describe('unwrapLine', () => {
  it('gives raw and otel bodies as they are, bytes that are not UTF-8 included', () => {
    const bytes = Buffer.from([0xff, 0xfe, 0x41]);
    expect(unwrapLine(bytes, { kind: 'raw' })).toEqual(bytes);
    expect(unwrapLine(bytes, { kind: 'otel' })).toEqual(bytes);
  });

  it('gives nothing while the wrapper is not known', () => {
    expect(unwrap('a', { kind: 'auto' })).toBeNull();
    expect(unwrap('a', { kind: 'unlearnable' })).toBeNull();
  });

  it('reads any text back from a JSON string at a key', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme' }), (line) => {
        expect(unwrap(JSON.stringify({ source: 'stdout', log: line }), { kind: 'json', key: 'log' })).toBe(line);
      }),
    );
  });

  it.each(['[1]', '{"log":3}', '{"other":"x"}', '{"log":"x"', 'log=x', ''])('refuses %s as JSON at log', (text) => {
    expect(unwrap(text, { kind: 'json', key: 'log' })).toBeNull();
  });

  it('reads any text back from a bare value of 2019, whatever quotes it holds', () => {
    const line = fc.string({ unit: fc.constantFrom('"', '\\', ' ', '=', 'a', '\x1b', 'é', '{') });
    fc.assert(
      fc.property(line, fc.constantFrom(tail, 'container_id="x"'), (text, rest) => {
        // A text that itself ends in something like a pair cannot be told from the pairs behind it.
        fc.pre(!/ [^\s="]+=("[^"]*"?|[^" ]*)$/.test(`${text}"`) && !/=/.test(text.slice(-3)));
        expect(unwrap(`log="${text}" ${rest}`, { kind: 'logfmt', key: 'log', quoting: 'raw' })).toBe(text);
      }),
    );
  });

  it('reads any text back from a Go-quoted value', () => {
    const line = fc.string({ unit: fc.constantFrom('"', '\\', ' ', '=', 'a', 'é') });
    fc.assert(
      fc.property(line, (text) => {
        expect(
          unwrap(`level=info log=${JSON.stringify(text)} b="c"`, { kind: 'logfmt', key: 'log', quoting: 'go' }),
        ).toBe(text);
      }),
    );
  });

  it.each([
    [`log="GET "/x?a=b" 200" ${tail}`, 'GET "/x?a=b" 200'],
    [`log="say \\"hi\\" to = all" ${tail}`, 'say "hi" to = all'],
    [`log="a "quoted" key="value"" ${tail}`, 'a "quoted" key="value"'],
    [`log="\x1b[32mC:\\temp\x1b[0m" ${tail}`, '\x1b[32mC:\\temp\x1b[0m'],
    [`log="path C:\\quux" ${tail}`, 'path C:\\quux'],
    [`log="" ${tail}`, ''],
    [`${tail} log="plain"`, 'plain'],
    ['blog=x log=word next=1', 'word'],
    ['msg="tab\\tand \\u00e9 \\xc3\\xa9" log="x\\ty"', 'x\ty'],
  ])('guesses the quoting of %j', (text, line) => {
    expect(unwrap(text, { kind: 'logfmt', key: 'log' })).toBe(line);
  });

  it('keeps Go escapes of bytes and code points apart', () => {
    expect(unwrap('log="\\u00e9 \\xc3\\xa9 \\303\\251"', { kind: 'logfmt', key: 'log' })).toBe('é é é');
  });

  it('gives nothing where the key is missing or its value never ends', () => {
    expect(unwrap('msg="x"', { kind: 'logfmt', key: 'log' })).toBeNull();
    expect(unwrap('log="never ends', { kind: 'logfmt', key: 'log' })).toBeNull();
  });

  it('stays fast on a megabyte of quotes', () => {
    const text = `log="${'"\\ a=" '.repeat(150_000)}" ${tail}`;
    expect(unwrap(text, { kind: 'logfmt', key: 'log', quoting: 'raw' })?.length).toBeGreaterThan(900_000);
  });
});
