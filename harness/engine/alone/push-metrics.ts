// What passed the recording hop, as text for Prometheus: pushes by status, bytes, entries, and the longest run of
// backslashes, which is how a feedback loop shows in what is pushed.

import type { PushData } from '../../model/event.ts';

/** Content-Type of the page. */
export const METRICS_TYPE = 'text/plain; version=0.0.4; charset=utf-8';

/** Counters of one hop. */
export interface PushMetrics {
  count(push: Pick<PushData, 'status' | 'decodedBytes' | 'entries' | 'backslashRunMax'>): void;
  render(): string;
}

/** All at zero; accepted pushes are there from the start, as a rate needs a counter that was once zero. */
export function createPushMetrics(): PushMetrics {
  const byStatus = new Map([[204, { pushes: 0, bytes: 0, entries: 0 }]]);
  let backslashes = 0;
  return {
    count({ status, decodedBytes, entries, backslashRunMax }) {
      const sums = byStatus.get(status) ?? { pushes: 0, bytes: 0, entries: 0 };
      sums.pushes++;
      sums.bytes += decodedBytes;
      sums.entries += entries;
      byStatus.set(status, sums);
      backslashes = Math.max(backslashes, backslashRunMax);
    },
    render() {
      const family = (name: string, help: string, of: 'pushes' | 'bytes' | 'entries'): string[] => [
        `# HELP larsen_recorder_${name} ${help}`,
        `# TYPE larsen_recorder_${name} counter`,
        ...[...byStatus].map(([status, sums]) => `larsen_recorder_${name}{status="${status}"} ${sums[of]}`),
      ];
      const lines = [
        ...family('pushes_total', 'Pushes by the status of their answer, 0 for none.', 'pushes'),
        ...family('decoded_bytes_total', 'Bytes of pushes after decompression.', 'bytes'),
        ...family('entries_total', 'Log entries in pushes.', 'entries'),
        '# HELP larsen_recorder_backslash_run_max Longest run of backslashes in any push.',
        '# TYPE larsen_recorder_backslash_run_max gauge',
        `larsen_recorder_backslash_run_max ${backslashes}`,
      ];
      return `${lines.join('\n')}\n`;
    },
  };
}
