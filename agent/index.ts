// The agent as a library: `createAgent` runs the pipeline of a config on the ports it is given, real or simulated.

import { mergeBuffer } from './config/buffer.ts';
import type { AgentConfig } from './config/schema.ts';
import { AgentError } from './errors.ts';
import { nameOutputs } from './lane.ts';
import { judgeHealth } from './observe/health.ts';
import { type Gauges, renderMetrics } from './observe/metrics-text.ts';
import { answerPage } from './observe/pages.ts';
import { Pipeline } from './pipeline.ts';
import type { Listener, Ports } from './ports.ts';

export { parseConfig } from './config/parse.ts';
export type { AgentConfig } from './config/schema.ts';
export { type DryRunOptions, type DryRunResult, dryRun } from './dry-run.ts';
export { AgentError, type AgentErrorCode } from './errors.ts';
export type {
  ChildProcess,
  ClientTls,
  Clock,
  Connection,
  ConnectionHandler,
  ConnectOptions,
  DatagramOptions,
  FileStat,
  Files,
  Listener,
  ListenOptions,
  LogSink,
  Net,
  OpenFile,
  Outgoing,
  PageAnswer,
  Ports,
  PostAnswer,
  PostRequest,
  Processes,
  ProcessHandler,
  Random,
  TextSink,
  Timer,
  TlsFiles,
} from './ports.ts';

export { type ReplaySummary, replayDeadLetters } from './replay.ts';

/** What a stopped agent leaves behind, in log entries. */
export interface StopSummary {
  received: number;
  sent: number;
  dropped: number;
  rejected: number;
  /** Part of `dropped`: what could not be delivered within `drainWithin`. */
  abandoned: number;
  /** Neither of these: on disk, for the next start. */
  kept: number;
}

/** An agent that runs. */
export interface Agent {
  /** Where the inputs listen. */
  readonly urls: string[];
  /** Where the pages are served, if they are. */
  readonly httpUrl: string | undefined;
  /** The page for Prometheus. */
  metrics(): string;
  /** Healthy, or the reason why not. */
  health(): { healthy: boolean; reason?: string };
  /**
   * Goes on with the labels, processing, outputs and bounds of buffers of the config that `read` gives; other keys that have changed are named in
   * the log, as they need a restart. When `read` throws, everything stays as it is.
   */
  reload(read: () => AgentConfig): void;
  /** Stops accepting, reads what is on its way, delivers within `drainWithin`, and ends. */
  stop(): Promise<StopSummary>;
}

/** The agent waits for its senders to fall silent for this long before it closes their connections … */
const QUIET_MS = 200;
/** … but not longer than this part of `drainWithin`, since a busy app is never silent. */
const QUIET_SHARE_MAX = 0.2;

/** Starts an agent. `labels.instance` must be set. Rejects with an `AgentError` if it cannot listen. */
export async function createAgent(config: AgentConfig, ports: Ports): Promise<Agent> {
  const pipeline = new Pipeline(
    { ...config, labels: { ...config.labels, instance: config.labels.instance ?? 'unknown' } },
    ports,
  );
  let stopping: Promise<StopSummary> | undefined;
  const health = (): { healthy: boolean; reason?: string } =>
    judgeHealth({
      nowMs: ports.clock.nowMs(),
      stuckAfterMs: config.health.stuckAfter,
      oldestSinceMs: pipeline.oldestSinceMs,
      failing: worstFailure(pipeline),
      paused: pipeline.paused,
      stopping: stopping !== undefined,
    });
  let isStarted = false;
  const ready = (): { healthy: boolean; reason?: string } =>
    stopping !== undefined
      ? { healthy: false, reason: 'stopping' }
      : isStarted
        ? { healthy: true }
        : { healthy: false, reason: 'starting' };
  const metrics = (): string =>
    renderMetrics(pipeline.counters, readGauges(pipeline, { healthy: health().healthy, nowMs: ports.clock.nowMs() }));
  let pages: Listener | undefined;
  try {
    if (config.http !== undefined)
      pages = await ports.net.serve({
        listen: config.http.listen,
        answer: (path) => answerPage(path, { metrics, health, ready, buffer: () => describeBuffer(pipeline, ports) }),
      });
    await pipeline.start();
  } catch (error) {
    await pages?.close();
    await Promise.all(pipeline.inputs.map((input) => input.stopAccepting()));
    await pipeline.stop();
    throw error;
  }
  isStarted = true;
  const urls = pipeline.inputs.map((input) => input.url);
  pipeline.log.info(
    'I_STARTED',
    `listening at ${urls.join(' and ')}${pages === undefined ? '' : `, pages at ${pages.url}`}`,
  );
  return {
    urls,
    httpUrl: pages?.url,
    metrics,
    health,
    reload: (read) => reloadPipeline(pipeline, { before: config, read }),
    stop() {
      stopping ??= stopPipeline(pipeline, config, ports).finally(() => pages?.close());
      return stopping;
    },
  };
}

/** What can change while the agent runs. */
const RELOADED: readonly string[] = ['labels', 'process', 'metadata'];

function reloadPipeline(pipeline: Pipeline, { before, read }: { before: AgentConfig; read: () => AgentConfig }): void {
  let config: AgentConfig;
  try {
    config = read();
  } catch (error) {
    const why = error instanceof AgentError ? `${error.code}: ${error.message}` : 'it cannot be read';
    pipeline.log.warn('W_RELOAD', `the config is not loaded, the old one stays: ${why.replaceAll(/\s+/g, ' ')}`);
    return;
  }
  const instance = config.labels.instance ?? before.labels.instance ?? 'unknown';
  pipeline.reload({ ...config, labels: { ...config.labels, instance } });
  const reloaded = [...RELOADED, ...(canReloadOutputs(before, config) ? ['outputs', 'buffer'] : [])];
  if (reloaded.includes('outputs')) pipeline.reloadOutputs(config);
  const others = Object.keys(before).filter(
    (key) =>
      !reloaded.includes(key) &&
      JSON.stringify(before[key as keyof AgentConfig]) !== JSON.stringify(config[key as keyof AgentConfig]),
  );
  const rest = others.length === 0 ? '' : `; a restart is needed for what has changed in ${others.join(', ')}`;
  pipeline.log.info(
    'I_RELOADED',
    `labels, processing, metadata and outputs are those of the config as it is now${rest}`,
  );
}

/** An output keeps its buffer, so that nothing is lost: its name, and the kind and place of its buffer, must be as before. */
function canReloadOutputs(before: AgentConfig, after: AgentConfig): boolean {
  const fixed = ({ outputs, buffer }: AgentConfig): string =>
    JSON.stringify(
      nameOutputs(outputs).map((name, i) => {
        const { type, path, segmentMax, fsync, fsyncInterval } = mergeBuffer(buffer, outputs[i]?.buffer ?? {});
        return [name, type, ...(type === 'disk' ? [path, segmentMax, fsync, fsyncInterval] : [])];
      }),
    );
  return fixed(before) === fixed(after);
}

async function stopPipeline(pipeline: Pipeline, config: AgentConfig, ports: Ports): Promise<StopSummary> {
  const { clock } = ports;
  const deadlineMs = clock.nowMs() + config.drainWithin;
  const sleep = (ms: number): Promise<void> => new Promise((resolve) => clock.setTimer(resolve, ms));
  await Promise.all(pipeline.inputs.map((input) => input.stopAccepting()));
  const quietDeadlineMs = clock.nowMs() + config.drainWithin * QUIET_SHARE_MAX;
  let quietSinceMs = clock.nowMs();
  let seenBytes = -1;
  while (pipeline.inputs.some((input) => input.connections > 0) && clock.nowMs() < quietDeadlineMs) {
    const { bytesRead } = pipeline.counters.totals;
    if (bytesRead !== seenBytes) quietSinceMs = clock.nowMs();
    else if (clock.nowMs() - quietSinceMs >= QUIET_MS) break;
    seenBytes = bytesRead;
    await sleep(20);
  }
  for (const input of pipeline.inputs) input.close();
  pipeline.flush();
  while (!pipeline.isEmpty && clock.nowMs() < deadlineMs) await sleep(10);
  const { abandoned, kept } = await pipeline.stop();
  await Promise.all(pipeline.inputs.map((input) => input.drained?.()));
  const { received, sent, dropped, rejected } = pipeline.counters.sum();
  pipeline.log.info(
    'I_STOPPED',
    `received ${received}, sent ${sent}, dropped ${dropped} (of them abandoned ${abandoned}), rejected ${rejected}${kept > 0 ? `, kept on disk ${kept}` : ''} entries`,
  );
  return { received, sent, dropped, rejected, abandoned, kept };
}

/** The failure to tell of: one that needs somebody's hand before one that may pass, then the oldest. */
function worstFailure(pipeline: Pipeline) {
  const failures = pipeline.lanes.flatMap((lane) => lane.delivery.failing ?? []);
  failures.sort((a, b) => Number(b.blocked) - Number(a.blocked) || a.sinceMs - b.sinceMs);
  return failures[0];
}

/** What is where, for a human who asks why nothing arrives. Holds no byte of a record. */
function describeBuffer(pipeline: Pipeline, ports: Ports): object {
  const nowMs = ports.clock.nowMs();
  return {
    paused: pipeline.paused,
    openBatch: { entries: pipeline.batcher.entries, decodedBytes: pipeline.batcher.decodedBytes },
    partialsOpen: pipeline.path.partialsOpen,
    streams: pipeline.path.streamCount,
    outputs: pipeline.lanes.map(({ name, buffer, queue, delivery, oldestSinceMs }) => ({
      output: name,
      type: buffer.type,
      policy: buffer.policy,
      ...{ memoryBytes: queue.bytes, memoryMax: buffer.memoryMax, diskBytes: queue.diskBytes, diskMax: buffer.diskMax },
      ...{ entries: queue.entries, batchesWaiting: queue.length },
      oldestSeconds: oldestSinceMs === undefined ? 0 : (nowMs - oldestSinceMs) / 1000,
      inFlight: [...delivery.flying].map(({ entries, attempts, bytes }) => ({
        entries,
        attempts,
        bytes: bytes.length,
      })),
      failing:
        delivery.failing === undefined
          ? null
          : { why: delivery.failing.why, seconds: (nowMs - delivery.failing.sinceMs) / 1000 },
    })),
  };
}

function readGauges(pipeline: Pipeline, now: { healthy: boolean; nowMs: number }): Gauges {
  return {
    lanes: pipeline.lanes.map((lane) => ({
      output: lane.name,
      bufferedEntries: pipeline.batcher.entries + lane.entries,
      bufferBytes: lane.queue.bytes,
      bufferBytesMax: lane.buffer.memoryMax,
      diskBytes: lane.queue.diskBytes,
      diskBytesMax: lane.buffer.type === 'disk' ? lane.buffer.diskMax : 0,
      batchesWaiting: lane.queue.length,
      oldestSeconds: lane.oldestSinceMs === undefined ? 0 : (now.nowMs - lane.oldestSinceMs) / 1000,
    })),
    connections: pipeline.inputs.reduce((sum, input) => sum + input.connections, 0),
    streams: pipeline.path.streamCount,
    partialsOpen: pipeline.path.partialsOpen,
    healthy: now.healthy,
  };
}
