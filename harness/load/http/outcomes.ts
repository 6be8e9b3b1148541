// What became of each request: counted, timed and appended to the lines file. Sending times are kept here while a
// request is in flight, since a record tells both ends.

import { nowNs } from '../../core/real-clock.ts';
import { HOPS, LINE_KINDS } from '../../model/line-record.ts';
import type { LineWriter } from '../../model/line-writer.ts';
import type { HttpLoadResult } from './config.ts';

const LOAD_HOP = HOPS.indexOf('load');

/** `detail` of a `failed` record. */
export const FAILURES = { timeout: 1, lost: 2 } as const;

/** Requests in flight and what became of the others. */
export interface Outcomes {
  readonly result: HttpLoadResult;
  sent(seq: number): void;
  answered(seq: number, status: number): void;
  failed(seq: number, detail: number): void;
  notSent(seq: number): void;
  /** In flight for `timeoutMs` or longer, oldest first; they stay until told answered or failed. */
  expired(timeoutMs: number): number[];
}

/** Outcomes over a lines file. In flight are at most as many as there are connections. */
export function createOutcomes(writer: Pick<LineWriter, 'append'>, now: () => number = nowNs): Outcomes {
  const result: HttpLoadResult = { answered: 0, failed: 0, notSent: 0 };
  // All have the same timeout, so the order of sending, which a Map keeps, is the order of the deadlines.
  const sentNs = new Map<number, number>();
  const end = (kind: number, detail: number, seq: number): void => {
    writer.append(kind, LOAD_HOP, detail, seq, sentNs.get(seq) ?? 0, now(), 0, 0);
    sentNs.delete(seq);
  };
  return {
    result,
    sent: (seq) => void sentNs.set(seq, now()),
    answered: (seq, status) => {
      result.answered++;
      end(LINE_KINDS.answered, status, seq);
    },
    failed: (seq, detail) => {
      result.failed++;
      end(LINE_KINDS.failed, detail, seq);
    },
    notSent: (seq) => {
      result.notSent++;
      writer.append(LINE_KINDS.notSent, LOAD_HOP, 0, seq, now(), 0, 0, 0);
    },
    expired: (timeoutMs) => {
      const before = now() - timeoutMs * 1e6;
      const expired: number[] = [];
      for (const [seq, atNs] of sentNs) {
        if (atNs > before) break;
        expired.push(seq);
      }
      return expired;
    },
  };
}
