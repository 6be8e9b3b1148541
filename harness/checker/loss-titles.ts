// Says in one sentence how lines of one account, hop and reason ended, and what to change. The reasons are those
// that the ledger gives; one it does not know is told as it is.

import type { EventRef } from '../model/event.ts';
import type { Finding } from '../model/finding.ts';
import type { Account, HopLoss, LedgerTotals } from '../model/ledger.ts';
import type { RunFacts } from '../model/run.ts';
import { describeLines, describeNames } from './describe.ts';
import type { Evidence } from './loss-evidence.ts';

/** Lines that ended in the same way. */
export interface LossRow extends HopLoss {
  fromMs: number;
  toMs: number;
  account: Account | undefined;
  apps: Record<string, number>;
}

/** What titles, evidence and remedies are taken from. */
export interface LossContext {
  evidence: Evidence;
  run: RunFacts;
  total: LedgerTotals;
}

/** The finding for one row. */
export function describeLoss(findingClass: 'lost' | 'rejected', row: LossRow, context: LossContext): Finding {
  const names = Object.keys(row.apps).sort((a, b) => row.apps[b]! - row.apps[a]!);
  const subject = `${describeLines(row.lines)}${names.length > 0 ? ` of ${describeNames(names)}` : ''}`;
  const { writtenLines } = context.total;
  return {
    checker: 'parity',
    class: findingClass,
    hop: row.hop,
    severity: findingClass === 'rejected' ? 'major' : 'critical',
    title: `${subject} ${row.lines === 1 ? toSingular(tellEnd(row)) : tellEnd(row)}${tellAnswer(row)}`,
    fromMs: row.fromMs,
    toMs: row.toMs,
    numbers: { lines: row.lines, bytes: row.bytes, writtenRatio: writtenLines === 0 ? 0 : row.lines / writtenLines },
    evidence: findEvidence(row, context).slice(0, 5),
    remedy: suggestRemedy(row, context),
  };
}

/** The number in `refused 500, not retried`; undefined for other reasons. */
function statusOf({ reason }: HopLoss): number | undefined {
  const match = /^refused (\d+)/.exec(reason);
  if (match) return Number(match[1]);
  return reason.startsWith('no answer') ? 0 : undefined;
}

function tellEnd(row: LossRow): string {
  const { hop, reason } = row;
  const where = tellHop(hop);
  const status = statusOf(row);
  if (reason.startsWith(REJECTED)) return 'were rejected by the sink for good';
  if (reason.endsWith('as a whole'))
    return `were lost ${where}: their batch was refused with ${status} as a whole, and nothing was mended and pushed again`;
  if (status === 0) return `were lost ${where}: the push of their batch got no answer and was not repeated`;
  if (status !== undefined) return `were lost ${where}: their batch was refused with ${status} and never pushed again`;
  return REASONS[reason]?.(where) ?? `were lost ${where}: ${reason}`;
}

const REJECTED = 'rejected: ';

/** What the sink said, word for word. */
function tellAnswer({ reason }: LossRow): string {
  return reason.startsWith(REJECTED) ? `: ${reason.slice(REJECTED.length)}` : '';
}

const SINGULAR: Record<string, string> = { were: 'was', are: 'is', they: 'it', them: 'it', their: 'its' };

/** Our own sentence about lines as one about a single line. */
function toSingular(text: string): string {
  return text.replaceAll(/\b(were|are|they|them|their)\b/g, (word) => SINGULAR[word]!);
}

function tellHop(hop: LossRow['hop']): string {
  const [from, to] = hop.split('..');
  return to ? `between ${from} and ${to}` : `in the ${from}`;
}

const REASONS: Record<string, (where: string) => string> = {
  'never pushed': (where) => `were lost ${where}: they were handed on and never pushed`,
  'not stored': (where) => `were lost ${where}: they were handed on and are not in the sink`,
  'accepted, not stored': () => 'were accepted by the sink and are not stored',
  'accepted by the relay, never pushed on': () => 'were accepted by the relay and never reached the sink',
  'only quoted in other entries': (where) => `were lost ${where}: only entries that quote them arrived`,
  'ring-full': () =>
    'were dropped by the log driver: its ring was full (mode non-blocking drops the newest line, silently)',
  'queue-full': () => 'were dropped by the log driver: its queue was full',
  'write-error': () => 'were dropped by the log driver: its write to the agent failed',
  reconnecting: () => 'were dropped by the log driver: it had no connection to the agent',
  'max-retries': () => 'were dropped by the log driver: it gave up connecting to the agent',
  'write-timeout': () => 'were dropped by the log driver: the agent did not read within the write timeout',
  closed: () => 'were dropped by the log driver when it was closed',
  'write still open': () => 'were still in the write(2) of their app when the run ended',
  "in the app's own queue": () => 'were still in the queue of their app when the run ended',
  'in the driver': () => 'were still in the log driver when the run ended',
  'in the pipe to the driver': () => 'were still in the pipe to the log driver when the run ended',
};

function findEvidence(row: LossRow, { evidence }: LossContext): EventRef[] {
  const status = statusOf(row);
  if (row.account === 'rejected')
    return [...(evidence.refusals.get(400)?.refs ?? []), ...(evidence.refusals.get(413)?.refs ?? [])];
  if (status !== undefined) return evidence.refusals.get(status)?.refs ?? [];
  if (row.account === 'dropped') return evidence.drops.get(row.reason) ?? [];
  if (row.account === 'inFlight') return evidence.driverState;
  if (row.hop === 'sink') return evidence.accepted;
  return evidence.agentDeaths;
}

/** Bodies of Loki's refusals when one message is too large for its inner protocol. */
const TOO_LARGE = /ResourceExhausted|larger than max|too large/i;

function suggestRemedy(row: LossRow, context: LossContext): Finding['remedy'] {
  const { run, evidence } = context;
  const status = statusOf(row);
  if (row.account === 'rejected')
    return {
      key: 'config',
      text: 'Cut or drop such lines before they are pushed, or raise the limit of the sink that refuses them',
    };
  if (status !== undefined) return suggestForRefusal(status, { run, text: evidence.refusals.get(status)?.text ?? '' });
  if (row.reason === 'ring-full')
    return {
      key: 'driver.options',
      text: 'Raise max-buffer-size, or set driver.mode to blocking and accept that a slow agent slows the app',
    };
  if (row.reason === 'queue-full' || row.reason === 'reconnecting') {
    return {
      key: 'driver.bufferLimit',
      text: 'Raise it (bytes up to Docker 18.09, messages later) to cover the longest outage of the agent at full rate',
    };
  }
  if (row.reason === 'max-retries')
    return { key: 'driver.options', text: 'Raise fluentd-max-retries to cover the longest outage of the agent' };
  if (row.hop === 'driver..agent')
    return {
      key: 'driver.options',
      text: 'Set fluentd-request-ack: "true" (Docker 20.10 and later), so that lines in the socket of a dead agent are sent again',
    };
  if (row.hop === 'agent')
    return {
      key: 'config',
      text: 'Give the agent a buffer on disk and a policy of never dropping; what it held in memory only died with it',
    };
  return null;
}

function suggestForRefusal(status: number, { run, text }: { run: RunFacts; text: string }): Finding['remedy'] {
  if (TOO_LARGE.test(text) || status === 413) {
    const key = run.plan.agent.agent === 'fluentd' ? 'buffer chunk_limit_size' : 'config';
    return {
      key,
      text: 'Bound a push by its decoded bytes, well below the 4 MiB that the sink takes in one message (1m is customary): the same batch would be refused each time',
    };
  }
  const isFluentd = run.plan.agent.agent === 'fluentd';
  if (status === 429 || status === 0 || status >= 500) {
    return isFluentd
      ? {
          key: 'buffer retry_forever',
          text: 'Take a version of the output plugin that raises on 429 and 5xx, and let the buffer retry for longer than the sink may be away',
        }
      : {
          key: 'config',
          text: `Retry pushes that end in ${status === 0 ? 'no answer' : status}, for longer than the sink may be away, from a buffer that holds so much`,
        };
  }
  return {
    key: 'config',
    text: `A refusal with ${status} is final: mend what the sink refuses (its text is in the evidence), since no retry can help`,
  };
}
