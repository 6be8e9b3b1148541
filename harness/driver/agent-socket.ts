// The connection of a fluentd client to the real agent. Every write is one write(2), and the next is only made when
// the kernel has taken the last one whole. Where no acks are awaited nothing is ever read, as Docker does not: an
// agent that goes away is noticed by the next write, not before.

import { connect, type Socket } from 'node:net';
import { sleep } from '../core/real-clock.ts';
import { type AgentAddress, describeDialError } from './agent-address.ts';
import type { PeerEvents, PeerPort } from './fluentd-client.ts';

const DIAL_TIMEOUT_MS = 3_000;
/** The longest timer there is; longer waits are made of several. */
const TIMER_MAX_MS = 2_147_483_647;

/** A connection that has not been dialled. `reads`: acks come back over it. */
export function createAgentSocket(address: AgentAddress, reads: boolean): PeerPort {
  let events: PeerEvents | null = null;
  let socket: Socket | null = null;
  let isPending = false;
  let alarm = createAlarm();

  const onWritten = (error?: Error | null): void => {
    // Writes that were taken at once report too, some time later: only a pending one has something to tell.
    if (error || !isPending || socket?.writableLength !== 0) return;
    isPending = false;
    events!.written();
  };

  const hangUp = (): void => {
    alarm.stop();
    isPending = false;
    const closing = socket;
    socket = null;
    closing?.destroy();
  };

  const dial = (): void => {
    const dialled = connect(
      address.network === 'unix'
        ? { path: address.path, allowHalfOpen: true }
        : { host: address.host, port: address.port, noDelay: true, allowHalfOpen: true },
    );
    socket = dialled;
    if (!reads) dialled.pause();
    let isUp = false;
    dialled.setTimeout(DIAL_TIMEOUT_MS, () => dialled.destroy(Object.assign(new Error('dial'), { code: 'ETIMEDOUT' })));
    dialled.on('connect', () => {
      isUp = true;
      dialled.setTimeout(0);
      if (socket === dialled) events!.connected();
    });
    dialled.on('error', (error: NodeJS.ErrnoException) => {
      if (socket !== dialled) return;
      hangUp();
      if (isUp) events!.broken(describeWriteError(error));
      else events!.dialFailed(describeDialError(address, error.code ?? error.message));
    });
    if (!reads) return;
    dialled.on('data', (bytes) => socket === dialled && events!.received(bytes));
    dialled.on('end', () => socket === dialled && events!.broken('EOF'));
  };

  return {
    tell(to) {
      events = to;
    },
    dial,
    write(bytes) {
      if (!socket || socket.destroyed) return { error: 'use of closed network connection' };
      socket.write(bytes, onWritten);
      if (socket.errored) {
        const error = describeWriteError(socket.errored);
        hangUp();
        return { error };
      }
      isPending = socket.writableLength > 0;
      return isPending ? 'pending' : 'taken';
    },
    hangUp,
    wakeAfter(delayMs) {
      alarm.stop();
      alarm = createAlarm();
      alarm.start(delayMs, () => events!.woke());
    },
  };
}

function describeWriteError(error: NodeJS.ErrnoException): string {
  return error.code === 'EPIPE' ? 'write: broken pipe' : `write: ${error.code ?? error.message}`;
}

interface Alarm {
  start(delayMs: number, ring: () => void): void;
  stop(): void;
}

function createAlarm(): Alarm {
  const stopped = new AbortController();
  let immediate: NodeJS.Immediate | undefined;
  const start = (delayMs: number, ring: () => void): void => {
    if (delayMs <= 0) {
      immediate = setImmediate(ring);
      return;
    }
    const next = delayMs > TIMER_MAX_MS ? () => start(delayMs - TIMER_MAX_MS, ring) : ring;
    sleep(Math.min(delayMs, TIMER_MAX_MS), stopped.signal).then(next, () => undefined);
  };
  return {
    start,
    stop() {
      stopped.abort();
      clearImmediate(immediate);
    },
  };
}
