// One http load: the pacer decides, the cannon sends, the outcomes keep what became of each request.

import { nowNs } from '../../core/real-clock.ts';
import type { ProbeData } from '../../model/event.ts';
import { formatLineId } from '../../model/line-id.ts';
import { createLineWriter } from '../../model/line-writer.ts';
import type { Plan } from '../plan.ts';
import { createCannon } from './cannon.ts';
import type { HttpLoadPartConfig, HttpLoadResult } from './config.ts';
import { createLoadProbe } from './load-probe.ts';
import { createOutcomes, FAILURES } from './outcomes.ts';
import { createPacer, type PacerActions } from './pacer.ts';

const CONNECTIONS = 200;
const TIMEOUT_MS = 2_000;
const SEND_WITHIN_MS = 1_000;
const TICK_MS_MAX = 50;
const FLUSH_PERIOD_MS = 200;
/** What the player of 2019 asks: a piece of 16 KiB, over WebTorrent's web seed. */
const VIEWER = {
  'user-agent': 'Mozilla/5.0 (X11; Linux x86_64; rv:66.0) Gecko/20100101 Firefox/66.0',
  dnt: '1',
  range: 'bytes=0-16383',
};

/** A running load. */
export interface HttpLoad {
  start(loadStartNs: number): void;
  /** Nothing that is not due yet will be sent. */
  cut(): void;
  isSettled(): boolean;
  /** Resolves when every due request was answered, has failed or was not sent. */
  settled: Promise<HttpLoadResult>;
  /** Gives up what is in flight and closes the file. */
  close(): HttpLoadResult;
  /** What happened since the last call. */
  probe(): ProbeData;
}

/** Prepares a load; nothing is sent before `start`. */
export function createLoad(config: HttpLoadPartConfig, plan: Plan): HttpLoad {
  const { url, timeoutMs = TIMEOUT_MS, sendWithinMs = SEND_WITHIN_MS, connections = CONNECTIONS } = config;
  const writer = createLineWriter(config.linesFile);
  const pacer = createPacer({ dueMs: plan.dueMs, sendWithinMs });
  const outcomes = createOutcomes(writer);
  const probe = createLoadProbe();
  const makeRequest = createRequestMaker(config, plan);
  let loadStartNs = 0;
  let isClosed = false;
  let settle: (result: HttpLoadResult) => void;
  const settled = new Promise<HttpLoadResult>((resolve) => {
    settle = resolve;
  });

  const nowMs = (): number => (nowNs() - loadStartNs) / 1e6;
  const advance = (): void => pacer.advance(nowMs(), actions);
  const onAnswer = (seq: number, status: number): void => {
    outcomes.answered(seq, status);
    advance();
  };
  const cannon = createCannon(
    { url, connections, nowMs },
    { onAnswer, onLost: (seq) => outcomes.failed(seq, FAILURES.lost) },
  );
  const actions: PacerActions = {
    freeConnections: cannon.freeConnections,
    send: (seq, latenessMs) => {
      outcomes.sent(seq);
      probe.sent(latenessMs);
      cannon.send(seq, makeRequest(seq));
    },
    notSent: (seq) => {
      outcomes.notSent(seq);
      probe.notSent();
    },
  };
  const giveUp = (afterMs: number): void => {
    for (const seq of outcomes.expired(afterMs)) {
      cannon.abort(seq);
      outcomes.failed(seq, FAILURES.timeout);
    }
  };
  const isSettled = (): boolean => pacer.isDone() && cannon.busyConnections() === 0;
  const tick = (): void => {
    if (isClosed) return;
    giveUp(timeoutMs);
    advance();
    if (!isSettled()) return void setTimeout(tick, Math.min(Math.max(1, pacer.nextMs() - nowMs()), TICK_MS_MAX));
    writer.flush();
    settle(outcomes.result);
  };
  return {
    start: (startNs) => {
      loadStartNs = startNs;
      setInterval(() => isClosed || writer.flush(), FLUSH_PERIOD_MS).unref();
      tick();
    },
    cut: pacer.cut,
    isSettled,
    settled,
    close: () => {
      if (isClosed) return outcomes.result;
      isClosed = true;
      giveUp(0);
      cannon.close();
      writer.close();
      settle(outcomes.result);
      return outcomes.result;
    },
    probe: () => probe.take(cannon.busyConnections()),
  };
}

/** The request with number `seq`: its id in the path, the headers of a viewer. */
function createRequestMaker({ run, app, path, paths, headers }: HttpLoadPartConfig, { loadIndex }: Plan) {
  const common = { ...VIEWER, ...headers };
  return (seq: number) => {
    const id = formatLineId({ run, app, seq, canary: false, bytes: 0, crc: 0 });
    const template = paths?.[loadIndex[seq]!] ?? path;
    return {
      path: template.replaceAll('{id}', id),
      headers: { 'x-forwarded-for': `203.0.113.${(seq % 254) + 1}`, ...common },
    };
  };
}
