import fc from 'fast-check';
import { expect, test } from 'vitest';
import { fieldText, JsonFields } from './json-fields.ts';

function find(keys: string[], line: string | Uint8Array): (string | undefined)[] {
  const bytes = Buffer.concat([Buffer.from('{"a":1'), Buffer.from(line as string), Buffer.from(',"a":2}')]);
  const fields = new JsonFields(keys);
  fields.find(bytes, 6, bytes.length - 13);
  return keys.map((_, i) => {
    const start = fields.starts[i] as number;
    return start < 0 ? undefined : fieldText(bytes, start, fields.ends[i] as number);
  });
}

test('values at the top level are found, whatever stands in front of them', () => {
  const line = '{ "x" : {"level":"no","y":["]",{"level":1}]}, "n":null, "t":true ,"level" : "in\\u0066o", "z":-1.5e3}';
  expect(find(['level', 't', 'z', 'n', 'x', 'none'], line)).toEqual([
    'info',
    'true',
    '-1.5e3',
    undefined,
    undefined,
    undefined,
  ]);
});

test('of two equal keys the first counts', () => {
  expect(find(['a'], '{"a":"1","a":"2"}')).toEqual(['1']);
});

test('for any object it finds what JSON.parse finds', () => {
  const key = fc.oneof(fc.constantFrom('level', 'app', 'ä', 'a"b'), fc.string());
  fc.assert(
    fc.property(fc.dictionary(key, fc.jsonValue()), fc.constantFrom(0, 1, 2), (object, space) => {
      const keys = ['level', 'app', 'ä', 'a"b'];
      const parsed = JSON.parse(JSON.stringify(object)) as Record<string, unknown>;
      const expected = keys.map((name) => {
        const value = Object.hasOwn(parsed, name) ? parsed[name] : undefined;
        return value === null || typeof value === 'object' || value === undefined ? undefined : String(value);
      });
      const found = find(keys, JSON.stringify(object, undefined, space));
      expect(
        found.map((text, i) => (typeof parsed[keys[i] as string] === 'number' ? String(Number(text)) : text)),
      ).toEqual(expected);
    }),
    { numRuns: 1000 },
  );
});

test('any bytes at all are taken, cut anywhere', () => {
  const char = fc.constantFrom(...'{}[]",:\\ a1nt\n');
  fc.assert(
    fc.property(fc.array(char, { maxLength: 60 }), (chars) => {
      find(['a', 'n'], `{"a":${chars.join('')}`);
      find(['a', 'n'], chars.join(''));
    }),
    { numRuns: 3000 },
  );
});
