// One container's logger with its real ends: the FIFOs of the app, the socket of the agent, the files of the run.

import { join } from 'node:path';
import { describeError } from '../core/errors.ts';
import type { Prng } from '../core/prng.ts';
import { sleep } from '../core/real-clock.ts';
import type { DriverLoggerState, EmittedEvent } from '../model/event.ts';
import type { LineIdScanner } from '../model/line-id.ts';
import { createLineWriter, type LineWriter } from '../model/line-writer.ts';
import { parseAgentAddress } from './agent-address.ts';
import { createAgentSocket } from './agent-socket.ts';
import { type CappedFile, createCappedFile } from './capped-file.ts';
import type { DriverClock } from './clock.ts';
import { createFifoReader, type FifoReader } from './fifo-reader.ts';
import { describeInterval, describeLogger, type OwnFlow } from './flow-events.ts';
import { createJsonFile } from './json-file.ts';
import { STREAMS } from './log-message.ts';
import { createLogger, type Logger } from './logger.ts';
import { type DriverSettings, parseDriverOptions } from './options.ts';
import { createOwnOutput } from './own-output.ts';
import {
  AGENT_LOGGER,
  type LoggerConfig,
  type LoggerRestarted,
  type LoggerStarted,
  type LoggerStopped,
} from './part.ts';
import { createTally, type Tally } from './tally.ts';

const POLL_MS = 5;
/** The daemon learns of an exit through containerd, tens of ms behind the last write; only then it closes the driver. */
const CLOSE_DELAY_MS = 50;
/**
 * How long the daemon waits for the pipes of a container that has ended, before 28: nothing was lost 1.5 s after the end,
 * one pipe at 3.5 s, all of them at 9 s (20.10.24). Here they are given up together.
 */
const PIPES_WAIT_MS = 2_000;

/** What all loggers of the process share. */
export interface ContainerWorld {
  clock: DriverClock;
  prng: Prng;
  scanner: LineIdScanner;
  forwardUrl: string;
  logsDir: string;
}

/** A running container's logger. */
export interface ContainerLogger {
  /** What happened since the last call, and what is written goes to disk. */
  flush(): EmittedEvent[];
  state(): DriverLoggerState;
  /** The daemon restarts; resolves when its driver has started again, or could not. */
  restart(): Promise<LoggerRestarted>;
  /** Waits for the end of both streams and for the driver to close; then books what is still inside as held. */
  stop(withinMs: number): Promise<LoggerStopped>;
}

/** Starts a logger. A container that Docker would not start gives its error, and nothing stays open. */
export async function startContainerLogger(
  config: LoggerConfig,
  world: ContainerWorld,
): Promise<{ answer: LoggerStarted; started: ContainerLogger | null }> {
  const open: { close(): void }[] = [];
  try {
    const built = buildLogger(config, world, open);
    const error = await built.logger.start();
    if (error === null) return { answer: { ok: true }, started: createContainerLogger(config, world, built) };
    for (const one of open) one.close();
    return { answer: { ok: false, error: `failed to initialize logging driver: ${error}` }, started: null };
  } catch (error) {
    for (const one of open) one.close();
    return { answer: { ok: false, error: describeError(error) }, started: null };
  }
}

interface Built {
  logger: Logger;
  settings: DriverSettings;
  tally: Tally;
  lines: LineWriter | null;
  file: CappedFile | null;
  own: OwnFlow | null;
  fifos: FifoReader[];
}

function buildLogger(config: LoggerConfig, world: ContainerWorld, open: { close(): void }[]): Built {
  const { clock, scanner } = world;
  const settings = parseDriverOptions(config.driver);
  const lines = config.linesFile === null ? null : keep(open, createLineWriter(config.linesFile));
  const tally = createTally({
    ...{ clock, lines, recordReads: config.recordReads },
    reportsPerSecond: settings.generation.reportsPerSecond,
    reportsPayload: settings.generation.reportsPayload,
  });
  const file = keepsFile(settings)
    ? keep(open, createCappedFile(join(world.logsDir, logName(config, settings))))
    : null;
  const isAgent = config.app === AGENT_LOGGER;
  const own: OwnFlow | null = isAgent ? { output: createOwnOutput(), reenters: settings.name === 'fluentd' } : null;
  const fifos: FifoReader[] = [];
  const observe = own ? own.output.observe : config.recordReads ? tally.formed : null;
  const logger = createLogger({
    ...{ settings, clock, tally, observe, tag: config.tag, countBackslashes: isAgent },
    container: {
      id: config.containerId,
      name: config.containerName,
      labels: config.labels ?? {},
      env: config.env ?? {},
    },
    prng: world.prng.fork(config.app),
    ids: isAgent || lines ? { scanner, appIndex: scanner.apps.indexOf(config.app) } : null,
    file: file && createJsonFile(file, tally.sent),
    createPeer: () => createAgentSocket(parseAgentAddress(world.forwardUrl), settings.requestAck),
    onWantsRead: (stream) => fifos[stream]?.resume(),
  });
  for (const [index, stream] of STREAMS.entries()) {
    const onRead = (bytes: Buffer, count: number): boolean => logger.streams[index]!.push(bytes, count);
    fifos.push(keep(open, createFifoReader(config[stream], { onRead, onEnd: () => logger.streams[index]!.end() })));
  }
  return { logger, settings, tally, lines, file, own, fifos };
}

function keep<One extends { close(): void }>(open: { close(): void }[], one: One): One {
  open.push(one);
  return one;
}

function keepsFile({ name }: DriverSettings): boolean {
  return name === 'json-file' || name === 'local';
}

function logName({ app }: LoggerConfig, { name }: DriverSettings): string {
  const stem = app === AGENT_LOGGER ? 'agent' : app;
  return name === 'local' ? `${stem}-local.log` : `${stem}-json.log`;
}

function createContainerLogger(config: LoggerConfig, { clock }: ContainerWorld, built: Built): ContainerLogger {
  const { logger, settings, tally, lines, file, own, fifos } = built;

  /** What the shim could not read any more: it is in the app's pipe and stays there. */
  const readRest = (): void => {
    for (const [index, fifo] of fifos.entries()) {
      fifo.readRest((bytes, count) => logger.streams[index]!.push(bytes, count));
    }
  };

  return {
    flush() {
      lines?.flush();
      file?.flush();
      return describeInterval(config.app, tally.takeInterval(), own);
    },
    state: () => describeLogger(config.app, logger, { tally, nowNs: clock.nowNs() }),
    async restart() {
      const before = logger.heldBytes;
      const restarting = logger.restart();
      const forgottenBytes = before - logger.heldBytes;
      return { app: config.app, forgottenBytes, error: await restarting };
    },
    async stop(withinMs) {
      const untilNs = clock.nowNs() + withinMs * 1e6;
      const wait = async (isDone: () => boolean, atMostMs = withinMs): Promise<boolean> => {
        const limitNs = Math.min(untilNs, clock.nowNs() + atMostMs * 1e6);
        while (!isDone() && clock.nowNs() < limitNs) await sleep(POLL_MS);
        return isDone();
      };
      const { drainsPipes } = settings.generation;
      if (!drainsPipes && withinMs > PIPES_WAIT_MS && !(await wait(() => logger.drained, PIPES_WAIT_MS))) {
        readRest();
        logger.cutPipes();
      }
      let isClosed = await wait(() => logger.drained);
      if (isClosed && logger.driver) {
        await sleep(Math.min(CLOSE_DELAY_MS, withinMs));
        logger.driver.client.close();
        isClosed = await wait(() => logger.driver?.client.closed ?? true);
      }
      if (!isClosed) readRest();
      const heldLines = logger.recordHeld();
      for (const fifo of fifos) fifo.close();
      logger.driver?.abandon();
      lines?.close();
      file?.close();
      return { heldLines, timedOut: !isClosed };
    },
  };
}
