// The control emitter: 10 lines per second to a pipe that is always drained, written and measured exactly as an
// app's. What it suffers is the machine's doing, so a stall of an app counts only while the control had none.

import type { PartChannel } from '../core/part.ts';
import { nowNs } from '../core/real-clock.ts';
import type { ProbeData } from '../model/event.ts';
import { createLineRecord } from '../model/line-record.ts';
import { type AppStopResult, connectApp, failPart } from './part.ts';
import { startThread } from './publisher.ts';
import { createRecordConsumer, createRecordRing, readRingCounts } from './record-ring.ts';
import { openThreadControl } from './thread-control.ts';

const PROBE_PERIOD_MS = 1_000;

/** The config of the control emitter. */
export interface ControlPartConfig {
  /** Default 10. */
  linesPerSecond?: number;
  /** Bytes of a line without newline, default 120. */
  lineBytes?: number;
}

/** What its writing thread is given. */
export interface ControlThreadOptions {
  ringShared: SharedArrayBuffer;
  controlShared: SharedArrayBuffer;
  periodMs: number;
  lineBytes: number;
}

const channel: PartChannel<ControlPartConfig> = await connectApp<ControlPartConfig>();
const { linesPerSecond = 10, lineBytes = 120 } = channel.config;
const periodMs = 1_000 / linesPerSecond;
const ringShared = createRecordRing();
const consumer = createRecordConsumer(ringShared);
const control = openThreadControl();
const options: ControlThreadOptions = { ringShared, controlShared: control.shared, periodMs, lineBytes };
const thread = startThread(new URL('./control-thread.js', import.meta.url), options, (error) =>
  failPart(channel, 'control', error),
);

/** Largest write and lateness of the writes since the last call; an open write counts with its age. */
const measure = (): ProbeData => {
  const open = createLineRecord();
  const isOpen = consumer.readOpen(open);
  const now = nowNs();
  let maxWriteMs = isOpen ? (now - open.atNs) / 1e6 : 0;
  let maxLatenessMs = 0;
  consumer.drain(({ seq, atNs, value }) => {
    maxWriteMs = Math.max(maxWriteMs, (value - atNs) / 1e6);
    maxLatenessMs = Math.max(maxLatenessMs, (atNs - control.loadStartNs()) / 1e6 - seq * periodMs);
  });
  return { probe: 'control', maxWriteMs, maxLatenessMs };
};
setInterval(
  () => channel.emit({ atNs: nowNs(), kind: 'probe', hop: 'app', app: 'control', data: measure() }),
  PROBE_PERIOD_MS,
);

channel.onCall('load-start', () => undefined);
channel.onCall('stop', (): AppStopResult => {
  control.halt();
  return { writtenLines: readRingCounts(ringShared).endedLines, waitingLines: 0 };
});
thread.once('message', () => {
  control.start(nowNs());
  channel.ready({});
});
