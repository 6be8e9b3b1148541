import { describe, expect, it } from 'vitest';
import { type Comparison, describeRows, formatTable, holds } from './comparison.ts';

const row = (change: Partial<Comparison>): Comparison => ({
  ...{ what: 'bytes', run: 'V1', unit: 'B', measured: 1_000, predicted: 1_000, rule: 'within' },
  ...change,
});

describe('a comparison', () => {
  it.each([
    [{ predicted: 750 }, true],
    [{ predicted: 749 }, false],
    [{ predicted: 1_250 }, true],
    [{ predicted: 1_251 }, false],
    [{ predicted: 1_251, slack: 1 }, true],
    [{ predicted: Number.NaN }, false],
    [{ rule: 'equal', measured: 0, predicted: 0 }, true],
    [{ rule: 'equal', measured: 0, predicted: 1 }, false],
    [{ rule: 'atMost', limit: 999 }, false],
    [{ rule: 'atMost', limit: 1_000 }, true],
    [{ rule: 'atMost', limit: 1_000, predicted: Number.NaN }, false],
    [{ rule: 'printed', predicted: 9_999 }, true],
  ] as [Partial<Comparison>, boolean][])('with %o holds: %s', (change, expected) => {
    expect(holds(row(change))).toBe(expected);
  });
});

describe('formatTable', () => {
  it('shows how far a prediction is off and how it is judged', () => {
    expect(
      formatTable([row({ predicted: 1_100 }), row({ unit: 's', measured: 4.321, predicted: 4, rule: 'printed' })]),
    ).toBe(`| what | run | measured | predicted | off by | judged |
| --- | --- | ---: | ---: | ---: | --- |
| bytes | V1 | 1,000 B | 1,100 B | +10.0 % | ±25 % |
| bytes | V1 | 4.3 s | 4 s | −7.4 % | printed only |`);
  });

  it('can be told apart by everything but the predictions', () => {
    const described = (change: Partial<Comparison>): string[] => describeRows(formatTable([row(change)]));
    expect(described({ predicted: 1_100 })).toEqual(described({}));
    expect(described({ measured: 1_001 })).not.toEqual(described({}));
    expect(described({ rule: 'printed' })).not.toEqual(described({}));
  });
});
