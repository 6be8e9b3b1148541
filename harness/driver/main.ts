// The driver process: the Docker daemon's logging for all containers of a run. One process, as there is one daemon;
// one logger per container. It is started by the harness and ends with it.

import { HarnessError } from '../core/errors.ts';
import { connectPart, type PartChannel } from '../core/part.ts';
import { createPrng } from '../core/prng.ts';
import { nowNs, sleep } from '../core/real-clock.ts';
import type { DriverLoggerState, EmittedEvent } from '../model/event.ts';
import { createLineIdScanner } from '../model/line-id.ts';
import { type ContainerLogger, type ContainerWorld, startContainerLogger } from './container-logger.ts';
import type {
  DriverPartConfig,
  LoggerConfig,
  LoggerRestarted,
  LoggerStarted,
  LoggerStopped,
  StopLogger,
} from './part.ts';

const FLUSH_MS = 250;
/** States go out with every second flush while something is held or a write has been open for so long. */
const BLOCKED_MS = 100;

const channel = await connectPart<DriverPartConfig>();
const loggers = new Map<string, ContainerLogger>();
serve(channel, createWorld(channel.config));
process.on('exit', () => {
  for (const logger of loggers.values()) logger.flush();
});
channel.ready();
void tellForever(channel);

function createWorld({ run, apps, forwardUrl, logsDir, seed }: DriverPartConfig): ContainerWorld {
  // Wall time runs on the monotonic clock from here on: a clock that is set during a run does not reorder lines.
  const wallOffsetMs = Date.now() - nowNs() / 1e6;
  return {
    clock: { nowNs, wallMs: () => wallOffsetMs + nowNs() / 1e6 },
    prng: createPrng(seed).fork('driver'),
    scanner: createLineIdScanner(run, apps),
    ...{ forwardUrl, logsDir },
  };
}

function serve({ onCall, emit }: PartChannel<DriverPartConfig>, world: ContainerWorld): void {
  const flush = (logger: ContainerLogger): void => {
    for (const event of logger.flush()) emit(event);
  };

  onCall('start-logger', async (config: LoggerConfig): Promise<LoggerStarted> => {
    if (loggers.has(config.app))
      throw new HarnessError('E_DRIVER_LOGGER', `${config.app} has a logger already: stop it first`);
    const { answer, started } = await startContainerLogger(config, world);
    if (started) loggers.set(config.app, started);
    return answer;
  });

  const stop = async ({ app, withinMs }: StopLogger): Promise<LoggerStopped> => {
    const logger = loggers.get(app);
    if (!logger) throw new HarnessError('E_DRIVER_LOGGER', `${app} has no logger to stop`);
    const stopped = await logger.stop(withinMs);
    flush(logger);
    loggers.delete(app);
    return stopped;
  };
  onCall('stop-logger', stop);
  onCall('state', (): DriverLoggerState[] => [...loggers.values()].map((logger) => logger.state()));
  onCall('restart', async (): Promise<LoggerRestarted[]> => {
    const restarted = await Promise.all([...loggers.values()].map((logger) => logger.restart()));
    emit(describeRestart(restarted));
    return restarted;
  });
  onCall('stop', async (): Promise<null> => {
    await Promise.all([...loggers.keys()].map((app) => stop({ app, withinMs: 0 })));
    return null;
  });
}

/** Sends what happened until the process ends. */
async function tellForever({ emit }: PartChannel<DriverPartConfig>): Promise<never> {
  for (let round = 0; ; round++) {
    await sleep(FLUSH_MS);
    for (const logger of loggers.values()) for (const event of logger.flush()) emit(event);
    const states = [...loggers.values()].map((logger) => logger.state());
    if (round % 2 === 1 && states.some(isBusy)) emit(describeStates(states));
  }
}

function isBusy({ heldBytes, queuedMessages, blockedMs }: DriverLoggerState): boolean {
  return heldBytes > 0 || queuedMessages > 0 || blockedMs > BLOCKED_MS;
}

function describeStates(loggers: DriverLoggerState[]): EmittedEvent {
  return { kind: 'probe', hop: 'driver', data: { probe: 'driver-state', loggers } };
}

/** The daemon's process is another one now; ours is the same. */
function describeRestart(loggers: LoggerRestarted[]): EmittedEvent {
  const data = { role: 'driver', name: 'docker', pid: process.pid, state: 'restarted', expected: true, loggers };
  return { kind: 'process', hop: 'driver', data };
}
