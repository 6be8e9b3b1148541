// `type: loki`: the embedded Loki as a sink of a run. It tells each second how busy its thread was: a sink that is
// nearly saturated measures itself, and the run is then unknown.

import { performance } from 'node:perf_hooks';
import { sleep } from '../../core/real-clock.ts';
import type { SinkDefinition } from '../../model/parts.ts';
import type { SinkLimits } from '../../model/scenario.ts';
import { createLokiCore } from './core.ts';
import { serveLoki } from './http-shell.ts';
import { defaultLimits, LOKI_TRAITS, type LokiVersion } from './version.ts';

const PROBE_MS = 1_000;

/**
 * The embedded Loki. `params`: `version` (`3.7`, default, or `2019`) and `limits` (SinkLimits, merged over the
 * version's own; null means none, as infinity cannot travel as JSON). `control('busy')` resolves to
 * `{busyRatio, entries}`: the share of its thread's time since the last such call, and the entries stored.
 */
export const lokiSink: SinkDefinition = {
  name: 'loki',
  at: 'sink',
  async start({ port, params, emit }) {
    const core = createLokiCore(readParams(params));
    const shell = await serveLoki(core, { port, wallNs: () => BigInt(Date.now()) * 1_000_000n });
    const stopped = new AbortController();
    const probed = createBusyMeter();
    const asked = createBusyMeter();
    void probe(stopped.signal, () => {
      emit({
        kind: 'probe',
        hop: 'sink',
        data: { probe: 'sink', busyRatio: probed(), entries: core.entryCount },
      });
    });
    return {
      url: shell.url,
      control(command) {
        if (command !== 'busy') return Promise.reject(new Error(`the loki sink knows no command ${command}`));
        return Promise.resolve({ busyRatio: asked(), entries: core.entryCount });
      },
      async [Symbol.asyncDispose]() {
        stopped.abort();
        await shell[Symbol.asyncDispose]();
      },
    };
  },
};

async function probe(signal: AbortSignal, report: () => void): Promise<void> {
  while (!signal.aborted) {
    await sleep(PROBE_MS, signal).catch(() => undefined);
    if (!signal.aborted) report();
  }
}

/** The share of this thread's time that was busy since the last call. */
function createBusyMeter(): () => number {
  let last = performance.eventLoopUtilization();
  return () => {
    const now = performance.eventLoopUtilization();
    const { utilization } = performance.eventLoopUtilization(now, last);
    last = now;
    return utilization;
  };
}

function readParams({ version = '3.7', limits = {} }: Record<string, unknown>): {
  version: LokiVersion;
  limits: SinkLimits;
} {
  const known = String(version) as LokiVersion;
  if (!Object.hasOwn(LOKI_TRAITS, known)) {
    throw new Error(
      `Expected \`version\` of the sink to be one of ${Object.keys(LOKI_TRAITS).join(', ')}, got ${known}`,
    );
  }
  const merged: SinkLimits = defaultLimits(known);
  for (const [name, value] of Object.entries((limits ?? {}) as Record<string, unknown>)) {
    if (!(name in merged)) throw new Error(`The loki sink knows no limit ${name}`);
    merged[name as keyof SinkLimits] = value === null ? Number.POSITIVE_INFINITY : Number(value);
  }
  return { version: known, limits: merged };
}
