import { expect, test } from 'vitest';
import { LINE_KINDS } from '../../model/line-record.ts';
import { createOutcomes, FAILURES } from './outcomes.ts';

test('each request ends in one record with both of its times, and those in flight for too long are named oldest first', () => {
  let now = 0;
  const records: number[][] = [];
  const outcomes = createOutcomes({ append: (...record) => void records.push(record) }, () => now);
  for (now = 0; now < 4e6; now += 1e6) outcomes.sent(now / 1e6);
  now = 10e6;
  expect(outcomes.expired(8)).toEqual([0, 1, 2]);
  outcomes.answered(1, 206);
  outcomes.failed(0, FAILURES.timeout);
  outcomes.notSent(9);
  expect(outcomes.expired(8)).toEqual([2]);
  expect(records).toEqual([
    [LINE_KINDS.answered, 5, 206, 1, 1e6, 10e6, 0, 0],
    [LINE_KINDS.failed, 5, 1, 0, 0, 10e6, 0, 0],
    [LINE_KINDS.notSent, 5, 0, 9, 10e6, 0, 0, 0],
  ]);
  expect(outcomes.result).toEqual({ answered: 1, failed: 1, notSent: 1 });
});
