// What the hop writes down: one `push` event per attempt, one line record per id in it, canaries apart, and sums.

import { join } from 'node:path';
import type { EmittedEvent, PushData } from '../../model/event.ts';
import { HOPS, LINE_KINDS } from '../../model/line-record.ts';
import { createLineWriter, type LineWriter } from '../../model/line-writer.ts';
import type { CanarySighting, RecorderHop, RecorderPartConfig } from './part.ts';
import type { PushScan } from './scan.ts';

/** How a push ended. */
export interface PushEnd {
  hop: RecorderHop['name'];
  push: number;
  path: string;
  status: number;
  startedNs: number;
  answeredNs: number;
  refusal?: string;
  fault?: string;
  retryAfter?: string;
}

/** The hop's records. */
export interface PushLog {
  write(end: PushEnd, scan: PushScan): void;
  flush(): void;
  close(): void;
  readonly canaries: readonly CanarySighting[];
  readonly counts: { pushes: number; accepted: number; refused: number };
}

const CANARIES_MAX = 10_000;

/** Opens the lines files of all apps; events go to `emit`. */
export function createPushLog(
  { apps, linesDir }: Pick<RecorderPartConfig, 'apps' | 'linesDir'>,
  emit: (event: EmittedEvent) => void,
): PushLog {
  const writers: LineWriter[] = apps.map((app) => createLineWriter(join(linesDir, `${app}.bin`)));
  const canaries: CanarySighting[] = [];
  const counts = { pushes: 0, accepted: 0, refused: 0 };

  const writeRecords = (
    { hop, push, status, answeredNs }: PushEnd,
    { apps: seen, seqs, companions, sums }: PushScan,
  ): void => {
    const hopNumber = HOPS.indexOf(hop);
    for (let index = 0; index < seen.length; index++) {
      const writer = writers[seen[index]!]!;
      writer.append(
        LINE_KINDS.pushed,
        hopNumber,
        status,
        seqs[index]!,
        answeredNs,
        push,
        companions[index]!,
        sums[index]!,
      );
    }
  };

  return {
    write(end, scan) {
      counts.pushes++;
      if (isAccepted(end.status)) counts.accepted++;
      else counts.refused++;
      writeRecords(end, scan);
      for (const { app, seq } of scan.canaries) {
        if (canaries.length < CANARIES_MAX)
          canaries.push({ app: apps[app]!, canary: seq, hop: end.hop, status: end.status });
      }
      const { hop, ...rest } = end;
      const data: PushData = { ...rest, ...scan.facts };
      emit({ kind: 'push', hop, atNs: end.answeredNs, bytes: scan.facts.decodedBytes, data: { ...data } });
    },
    flush: () => {
      for (const writer of writers) writer.flush();
    },
    close: () => {
      for (const writer of writers) writer.close();
    },
    canaries,
    counts,
  };
}

function isAccepted(status: number): boolean {
  return status >= 200 && status < 300;
}
