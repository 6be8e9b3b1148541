import fc from 'fast-check';
import { expect, it } from 'vitest';
import { refuseNewer } from './refuse-newer.ts';

it('names the larsen that wrote a newer format', () => {
  expect(() => refuseNewer({ schema: 2, larsen: '3.1.0' }, 'x/run.json')).toThrow(
    'x/run.json has format 2, written by larsen 3.1.0; this one reads format 1: use that larsen to read it',
  );
  expect(() => refuseNewer({ schema: 7 }, 'x/run.json')).toThrow(/written by a newer larsen;/);
});

it('leaves anything else to the check of its keys', () => {
  fc.assert(
    fc.property(
      fc.oneof(fc.jsonValue(), fc.record({ schema: fc.oneof(fc.integer({ max: 1 }), fc.string()) })),
      (raw) => {
        const { schema } = (raw ?? {}) as { schema?: unknown };
        fc.pre(typeof schema !== 'number' || schema <= 1);
        expect(() => refuseNewer(raw, 'run.json')).not.toThrow();
      },
    ),
  );
});
