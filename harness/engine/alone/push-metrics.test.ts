import { expect, it } from 'vitest';
import { createPushMetrics } from './push-metrics.ts';

it('counts pushes, bytes and entries by status, and keeps the longest run of backslashes', () => {
  const metrics = createPushMetrics();
  metrics.count({ status: 204, decodedBytes: 100, entries: 2, backslashRunMax: 7 });
  metrics.count({ status: 204, decodedBytes: 50, entries: 1, backslashRunMax: 1 });
  metrics.count({ status: 500, decodedBytes: 5_000_000, entries: 9, backslashRunMax: 3 });
  const samples = metrics
    .render()
    .split('\n')
    .filter((line) => line !== '' && !line.startsWith('#'));
  expect(samples).toEqual([
    'larsen_recorder_pushes_total{status="204"} 2',
    'larsen_recorder_pushes_total{status="500"} 1',
    'larsen_recorder_decoded_bytes_total{status="204"} 150',
    'larsen_recorder_decoded_bytes_total{status="500"} 5000000',
    'larsen_recorder_entries_total{status="204"} 3',
    'larsen_recorder_entries_total{status="500"} 9',
    'larsen_recorder_backslash_run_max 7',
  ]);
});
