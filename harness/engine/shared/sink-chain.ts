// What stands behind the agent: the sink, the recording hop in front of it, and relays with a recording hop each.
//
//   agent ─► [recorder ─► relay] … ─► recorder ─► sink
//
// Built from the far end, because each part is told the address of the next. A recorder stands before http only.

import { HarnessError } from '../../core/errors.ts';
import { programPath } from '../../core/program-path.ts';
import type { LineWrapper } from '../../model/agent.ts';
import type { EngineInput } from '../../model/engine.ts';
import type { SinkEntry, SinkRule, World } from '../../model/parts.ts';
import { countLoki, readLoki } from '../../sink/reader.ts';
import type { RecorderPartConfig } from '../../sink/recorder/part.ts';
import { freePort } from './free-ports.ts';
import type { PartHostConfig, PartHostInfo } from './part-host.ts';
import type { PartProcess } from './part-process.ts';
import type { RunSpace } from './run-space.ts';

/** The running far end. */
export interface SinkChain {
  /** Where the agent pushes to. */
  readonly url: string;
  /** `driver..agent` relays need the agent's address first: url by the address behind. */
  startForwardRelays(forwardUrl: string): Promise<string>;
  readonly sink: World['sink'];
  readonly relays: World['relays'];
  tellWrapper(wrapper: LineWrapper): Promise<void>;
  heardCanaries(): Promise<Set<string> | null>;
  flush(): Promise<void>;
  readBack(window: { fromNs: bigint; toNs: bigint }): AsyncIterable<SinkEntry> | null;
  count(window: { fromNs: bigint; toNs: bigint }): Promise<number | null>;
}

/** Starts recorders and relays, and the sink; `lokiUrl`: the engine has started a Loki of its own, which is the sink. */
export async function startSinkChain(
  input: EngineInput,
  space: RunSpace,
  { lokiUrl }: { lokiUrl?: string } = {},
): Promise<SinkChain> {
  const { topology } = input.plan.scenario;
  const params =
    topology.sink.type === 'loki'
      ? { ...topology.sink.with, version: topology.sink.version, limits: topology.sink.limits }
      : topology.sink.with;
  const hosted = { name: topology.sink.type, role: 'sink', upstreamUrl: undefined, params } as const;
  const sink = lokiUrl === undefined ? await startHost(input, space, hosted) : { url: lokiUrl, part: null };
  const recorders: PartProcess[] = [];
  const relays: World['relays'] = {};
  const sinkRecorder = await startRecorder(input, space, { hop: 'sink', upstreamUrl: sink.url });
  if (sinkRecorder) recorders.push(sinkRecorder.part);
  let url = sinkRecorder?.url ?? sink.url;
  for (const relay of topology.relays.filter(({ at }) => at !== 'driver..agent').reverse()) {
    const host = await startHost(input, space, {
      name: relay.type,
      role: 'relay',
      upstreamUrl: url,
      params: relay.with,
    });
    relays[relay.type] = { control: (command, data) => host.part.call('control', { command, data }) };
    const recorder = await startRecorder(input, space, { hop: 'relay', upstreamUrl: host.url });
    if (recorder) recorders.push(recorder.part);
    url = recorder?.url ?? host.url;
  }
  return {
    url,
    sink: sinkHandle(sink.part, sinkRecorder?.part ?? null, url),
    relays,
    startForwardRelays: async (forwardUrl) => {
      let address = forwardUrl;
      for (const relay of topology.relays.filter(({ at }) => at === 'driver..agent').reverse()) {
        const host = await startHost(input, space, {
          name: relay.type,
          role: 'relay',
          upstreamUrl: address,
          params: relay.with,
        });
        relays[relay.type] = { control: (command, data) => host.part.call('control', { command, data }) };
        address = host.url;
      }
      return address;
    },
    tellWrapper: async (wrapper) =>
      void (await Promise.all(recorders.map((recorder) => recorder.call('wrapper', wrapper)))),
    heardCanaries: async () => (sinkRecorder ? heardCanaries(sinkRecorder.part) : null),
    flush: async () => void (await Promise.all(recorders.map((recorder) => recorder.call('flush', null, 30_000)))),
    ...reading(sink, topology.sink.type),
  };
}

interface Host {
  name: string;
  part: PartProcess;
  url: string;
  canReadBack: boolean;
}

async function startHost(
  input: EngineInput,
  space: RunSpace,
  {
    name,
    role,
    upstreamUrl,
    params,
  }: { name: string; role: 'sink' | 'relay'; upstreamUrl: string | undefined; params: Record<string, unknown> },
): Promise<Host> {
  const config: PartHostConfig = {
    kind: 'sink',
    name,
    pluginFiles: input.registry.pluginFiles,
    sink: {
      port: await freePort(),
      dataDir: space.dataFolder(`${role}-${name}`),
      sharedDir: space.sharedDir,
      upstreamUrl,
      params,
    },
  };
  const part = await space.startPart({ role, name, main: programPath('./part-host.js', import.meta.url), config });
  space.onDispose(() => disposePart(part));
  const info = part.info as PartHostInfo;
  if (info.error !== undefined)
    throw new HarnessError('E_PLUGIN_SINK', `The ${role} ${name} could not be started: ${info.error}`);
  if (!info.url) throw new HarnessError('E_PLUGIN_SINK', `Sink ${name} did not return a \`url\` from start()`);
  return { name, part, url: info.url.replace(/\/$/, ''), canReadBack: info.canReadBack };
}

const DISPOSE_WITHIN_MS = 2_000;

/** Lets a part end by its own rules; the process ends after it in any case. */
async function disposePart(part: PartProcess): Promise<void> {
  await part.call('dispose', null, DISPOSE_WITHIN_MS).catch(() => undefined);
}

async function startRecorder(
  { plan }: EngineInput,
  space: RunSpace,
  { hop, upstreamUrl }: { hop: 'sink' | 'relay'; upstreamUrl: string },
): Promise<{ part: PartProcess; url: string } | null> {
  if (!/^http:/.test(upstreamUrl)) return null;
  const config: RecorderPartConfig = {
    run: plan.runName,
    apps: Object.keys(plan.scenario.topology.apps),
    linesDir: space.linesDir,
    seed: plan.seed,
    hops: [{ name: hop, upstreamUrl, port: 0 }],
  };
  const part = await space.startPart({
    role: 'recorder',
    name: hop,
    main: programPath('../../sink/recorder/main.js', import.meta.url),
    config,
  });
  return { part, url: (part.info as { urls: string[] }).urls[0]! };
}

function sinkHandle(sink: PartProcess | null, recorder: PartProcess | null, url: string): World['sink'] {
  const hop = (): PartProcess => {
    if (recorder) return recorder;
    throw new HarnessError(
      'E_ENGINE_FAULT',
      'Faults at the sink act at the recording hop, which stands before http sinks only',
    );
  };
  return {
    url,
    async script(rule: SinkRule) {
      const id = await hop().call('rule-add', rule);
      return async () => void (await hop().call('rule-remove', { id }));
    },
    stop: async () => void (await hop().call('stop')),
    start: async () => void (await hop().call('start')),
    control: async (command, data) => {
      if (sink) return sink.call('control', { command, data });
      throw new HarnessError('E_ENGINE_FAULT', `The real Loki takes no commands (\`${command}\`)`);
    },
  };
}

const REFUSED_FOR_GOOD = 400;

/** Those that came through: taken by the sink, or refused for what they are (a time that is to come, a bad label). */
async function heardCanaries(recorder: PartProcess): Promise<Set<string>> {
  const seen = await recorder.call<{ app: string; canary: number; status: number }[]>('canaries');
  return new Set(
    seen
      .filter(({ status }) => (status >= 200 && status < 300) || status === REFUSED_FOR_GOOD)
      .map(({ app, canary }) => `${app}/${canary}`),
  );
}

/** Loki is read over its own API, real and embedded alike; a plugin's sink through its `readBack`. */
function reading(sink: Host | { url: string; part: null }, type: string): Pick<SinkChain, 'readBack' | 'count'> {
  if (type === 'loki' || sink.part === null) {
    return {
      readBack: (window) => readLoki({ url: sink.url, ...window }),
      count: (window) => countLoki({ url: sink.url, ...window }),
    };
  }
  return { readBack: (window) => (sink.canReadBack ? readThrough(sink, window) : null), count: async () => null };
}

async function* readThrough({ part, name }: Host, window: { fromNs: bigint; toNs: bigint }): AsyncGenerator<SinkEntry> {
  for (let opened = false; ; opened = true) {
    const { entries, done } = await readNext(part, opened ? null : window).catch((cause: unknown) => {
      throw new HarnessError('E_PLUGIN_SINK', `The sink ${name} could not be read back`, { cause });
    });
    yield* entries;
    if (done) return;
  }
}

async function readNext(
  part: PartProcess,
  window: { fromNs: bigint; toNs: bigint } | null,
): Promise<{ entries: SinkEntry[]; done: boolean }> {
  if (window) await part.call('read-open', window);
  return part.call('read-next', null, 60_000);
}
