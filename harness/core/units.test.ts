import { describe, expect, it } from 'vitest';
import { describeDuration, describeSize, parseDuration, parseSize } from './units.ts';

describe('units', () => {
  it.each([
    ['250ms', 250],
    ['10s', 10_000],
    ['1.5s', 1_500],
    ['2m', 120_000],
    ['1h', 3_600_000],
  ])('reads %s as a duration', (text, ms) => expect(parseDuration(text)).toBe(ms));

  it.each([
    ['512B', 512],
    ['64KiB', 65_536],
    ['4MiB', 4_194_304],
    ['1MB', 1_000_000],
  ])('reads %s as a size', (text, bytes) => expect(parseSize(text)).toBe(bytes));

  it.each(['', '10', 's', '-1s', '10 s', '1d', '10S'])('does not take %j for a duration', (text) =>
    expect(parseDuration(text)).toBeUndefined(),
  );

  it.each(['', '10', '1k', '4Mib', '-1B', '4 MiB'])('does not take %j for a size', (text) =>
    expect(parseSize(text)).toBeUndefined(),
  );

  it('describes both for people', () => {
    expect([describeDuration(12), describeDuration(4_260), describeDuration(300_000)]).toEqual([
      '12 ms',
      '4.3 s',
      '5.0 min',
    ]);
    expect([describeSize(12), describeSize(2_048), describeSize(5_186_961)]).toEqual(['12 B', '2.0 KiB', '4.9 MiB']);
  });
});
