// One container's logger: both streams and their driver. It does no I/O of its own.
//
//   stdout ─► stages ─► copier ─┐        ┌► fluentd driver: encode ─► [ring] ─► client ─► agent
//   stderr ─► stages ─► copier ─┴────────┼► file (json-file, local)
//                                        └► nothing (none)

import type { Prng } from '../core/prng.ts';
import { HELD_IN } from '../model/line-record.ts';
import { createFluentdDriver, type FluentdDriver, type FluentdDriverPorts } from './fluentd-driver.ts';
import { createDiscard } from './json-file.ts';
import { type LineMessage, type LogTarget, type MessageMeta, STREAMS } from './log-message.ts';
import { createStream, type Stream, type StreamPorts } from './stream.ts';

const IN_PIPE = HELD_IN.indexOf('byte-pipe');
const IN_COPIER = HELD_IN.indexOf('copier');

/** What a logger needs. */
export interface LoggerPorts extends FluentdDriverPorts, Pick<StreamPorts, 'ids' | 'observe' | 'countBackslashes'> {
  /** What keeps lines for `json-file` and `local`; null for other drivers. */
  file: LogTarget<LineMessage> | null;
  /** The shim of a stream reads the app's pipe again. */
  onWantsRead(stream: number): void;
}

/** A container's logger. */
export interface Logger {
  readonly streams: readonly Stream[];
  /** null where the driver needs no agent. */
  readonly driver: FluentdDriver | null;
  /** Resolves to null when the container may start, else to Docker's error. */
  start(): Promise<string | null>;
  /** Both streams were handed over to their end, and the ring is empty. */
  readonly drained: boolean;
  /** Bytes between the app's pipe and the driver. */
  readonly heldBytes: number;
  /** Records every line that is still inside as held; returns how many lines. To be called once, at the end. */
  recordHeld(): number;
  /** The container has ended and the daemon gives up on its pipes: what only they held is dropped as `closed`. */
  cutPipes(): void;
  /**
   * The daemon restarts under a running container (live-restore): what it holds is dropped as `closed`, shim and FIFO
   * stay, and its driver starts as for a new container. One that cannot start leaves the container without a reader;
   * resolves to Docker's error then, else to null.
   */
  restart(): Promise<string | null>;
}

/** A logger that has not started. Throws E_AGENT_DRIVER for a tag template that Docker would refuse. */
export function createLogger(ports: LoggerPorts): Logger {
  const { settings, tally, onWantsRead } = ports;
  const wake = (index: number): void => {
    const stream = streams[index]!;
    stream.returned();
    if (stream.wantsRead) onWantsRead(index);
  };
  const driver = settings.name === 'fluentd' ? createFluentdDriver(ports, wake) : null;
  const target = driver ?? ports.file ?? createDiscard(tally.sent);
  const longLineId = createLongLineIds(ports.prng.fork('partial-id'));
  const streams = STREAMS.map((_, index) => createStream({ ...ports, target, longLineId }, index));

  return {
    streams,
    driver,
    start: () => driver?.start() ?? Promise.resolve(null),
    get drained() {
      return streams.every(({ done }) => done) && (driver?.inRing ?? 0) === 0;
    },
    get heldBytes() {
      return streams.reduce((sum, { held }) => sum + held, 0);
    },
    recordHeld: () => recordHeld(ports, { streams, driver }),
    cutPipes() {
      for (const stream of streams) stream.cutPipes((seq) => tally.lostLine(seq, 'closed'));
    },
    async restart() {
      driver?.stopDaemon();
      for (const stream of streams) stream.stopDaemon((seq) => tally.lostLine(seq, 'closed'));
      const error = (await driver?.start()) ?? null;
      if (error !== null) return error;
      for (const [index, stream] of streams.entries()) {
        stream.startDaemon();
        if (stream.wantsRead) onWantsRead(index);
      }
      return null;
    },
  };
}

interface LoggerParts {
  streams: readonly Stream[];
  driver: FluentdDriver | null;
}

function recordHeld({ tally }: LoggerPorts, { streams, driver }: LoggerParts): number {
  let lines = 0;
  driver?.visitHeld((message, place) => {
    lines += holdsEnd(message) ? 1 : 0;
    if (!message.line?.held) tally.held(message.line?.seq ?? message.seq, place);
    if (message.line) message.line.held = true;
  });
  for (const { copier, visitHeld } of streams) {
    const openLine = copier.openLine;
    visitHeld((seq, inCopier) => {
      lines++;
      if (!(openLine?.held && seq === openLine.seq)) tally.held(seq, inCopier ? IN_COPIER : IN_PIPE);
    });
  }
  return lines;
}

/** Whether a message is a whole line, or the first one met of a long line that has ended. */
function holdsEnd({ line }: MessageMeta): boolean {
  return line === null || (line.ended && !line.held);
}

/** Ids of long lines: 64 random hex digits. */
function createLongLineIds(prng: Prng): () => string {
  const word = (): string => prng.integer({ min: 0, max: 0xffff_ffff }).toString(16).padStart(8, '0');
  return () => Array.from({ length: 8 }, word).join('');
}
