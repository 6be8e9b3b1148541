// A process that hosts one sink, relay or driver made with `defineSink` or `defineDriver`, built in or a plugin's:
// it loads the same registry as the harness, starts the part by name and passes commands, events and read-back on.

import { describeError } from '../../core/errors.ts';
import { connectPart, type PartChannel } from '../../core/part.ts';
import type { EmittedEvent } from '../../model/event.ts';
import type { DriverStart, SinkDefinition, SinkEntry, SinkStart, StartedPart } from '../../model/parts.ts';
import { loadRegistry } from '../built-ins.ts';

/** What the host is told to start. */
export interface PartHostConfig {
  kind: 'sink' | 'driver';
  name: string;
  pluginFiles: string[];
  sink?: Omit<SinkStart, 'emit'>;
  driver?: Omit<DriverStart, 'emit'>;
}

/** `ready` info: the url (sinks), and what the part can do beside. */
export interface PartHostInfo {
  url: string | null;
  canReadBack: boolean;
  canControl: boolean;
  /** Its `start` failed with this; the rest is empty. */
  error?: string;
}

const BATCH_ENTRIES = 1_000;

const channel: PartChannel<PartHostConfig> = await connectPart<PartHostConfig>();
try {
  await host(channel);
} catch (error) {
  console.error(error);
  channel.ready({ url: null, canReadBack: false, canControl: false, error: describeError(error) });
}

async function host({ config, emit, onCall, ready }: PartChannel<PartHostConfig>): Promise<void> {
  const registry = await loadRegistry(config.pluginFiles);
  const emitEvent = (event: EmittedEvent): void => emit(event);
  let started: StartedPart & { url?: string };
  let sink: SinkDefinition | undefined;
  if (config.kind === 'sink') {
    sink = registry.sinks.get(config.name);
    if (!sink || !config.sink) throw new Error(`there is no sink ${config.name}`);
    started = await sink.start({ ...config.sink, emit: emitEvent });
  } else {
    const driver = registry.drivers.get(config.name);
    if (!driver || !config.driver) throw new Error(`there is no driver ${config.name}`);
    started = await driver.start({ ...config.driver, emit: emitEvent });
  }
  onCall('control', ({ command, data }: { command: string; data: unknown }) => {
    if (!started.control) throw new Error(`${config.name} takes no commands`);
    return started.control(command, data);
  });
  onCall('dispose', async () => {
    await started[Symbol.asyncDispose]();
    return true;
  });
  serveReadBack(onCall, sink);
  const info: PartHostInfo = {
    url: started.url ?? null,
    canReadBack: sink?.readBack !== undefined,
    canControl: started.control !== undefined,
  };
  ready(info);
}

function serveReadBack(onCall: PartChannel<PartHostConfig>['onCall'], sink: SinkDefinition | undefined): void {
  let reading: AsyncIterator<SinkEntry> | null = null;
  onCall('read-open', (window: { fromNs: bigint; toNs: bigint }) => {
    reading = sink?.readBack?.(window)[Symbol.asyncIterator]() ?? null;
    return reading !== null;
  });
  onCall('read-next', async () => {
    const entries: SinkEntry[] = [];
    while (reading && entries.length < BATCH_ENTRIES) {
      const next = await reading.next();
      if (next.done) reading = null;
      else entries.push(next.value);
    }
    return { entries, done: reading === null };
  });
}
