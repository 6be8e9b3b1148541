// Lines and pieces: where the line copier cuts, and that no byte of a line is touched.

import { FLOOD, WRITE } from './programs.ts';
import type { DriverSuite } from './suite.ts';

/** Adds the rows. */
export function addLineRows({ messages, row }: DriverSuite): void {
  for (const [bytes, pieces] of [
    [16_382, '16382'],
    [16_383, '16383'],
    [16_384, '16384:1:false 0:2:true'],
    [16_385, '16384:1:false 1:2:true'],
    [32_767, '16384:1:false 16383:2:true'],
    [32_768, '16384:1:false 16384:2:false 0:3:true'],
    [49_153, '16384:1:false 16384:2:false 16384:3:false 1:4:true'],
  ] as const)
    row(`a line of ${bytes} bytes, as bytes:ordinal:last of its pieces`, pieces, async () => {
      const got = await messages(WRITE(`${'x'.repeat(bytes)}\n`));
      return got
        .map(({ record: { log, partial_ordinal, partial_last } }) =>
          [log!.length, partial_ordinal, partial_last].filter((part) => part !== undefined).join(':'),
        )
        .join(' ');
    });
  row('pieces of a line', 'one id of 64 hex digits, one time, partial_message true on each', async () => {
    const got = await messages(WRITE(`${'x'.repeat(40_000)}\n`), { 'fluentd-sub-second-precision': 'true' });
    const ids = new Set(got.map(({ record }) => record.partial_id));
    const isId = /^[0-9a-f]{64}$/.test([...ids][0] ?? '') && ids.size === 1;
    const times = new Set(got.map(({ timeHex }) => timeHex)).size === 1;
    const marked = got.length === 3 && got.every(({ record }) => record.partial_message === 'true');
    return `${isId ? 'one id of 64 hex digits' : [...ids].join()}, ${times ? 'one time' : 'several times'}, partial_message ${marked ? 'true on each' : 'not on each'}`;
  });
  const texts = async (written: string): Promise<string> => {
    const got = await messages(WRITE(written));
    return got
      .map(
        ({ record: { partial_last }, log }) =>
          JSON.stringify(log.toString('latin1')) + (partial_last ? ` last=${partial_last}` : ''),
      )
      .join(' ');
  };
  row('two empty lines', '"" ""', () => texts('\n\n'));
  row('no newline at the end', '"a" "b" last=false', () => texts('a\nb'));
  row('CR before the newline', '"a\\r"', () => texts('a\r\n'));
  row('NUL', '"a\\u0000b"', () => texts('a\0b\n'));
  row('bytes that are not UTF-8', JSON.stringify('a\xff\xc3b'), () => texts('a\xff\xc3b\n'));
  row('ANSI escapes', JSON.stringify('\x1b[31mred\x1b[0m'), () => texts('\x1b[31mred\x1b[0m\n'));
  row('order within a stream of 2,000 lines', 'kept', async () => {
    const got = await messages(FLOOD(2_000));
    return got.length === 2_000 && got.every(({ record }, seq) => Number.parseInt(record.log!, 10) === seq)
      ? 'kept'
      : `${got.length} lines, not in order`;
  });
}
