// The embedded Loki beside a real one: records accepted per second of CPU, both in a process of their own, the same
// pushes over HTTP one after another. The real one is the program of `npm run images -- loki`, or another.
//
//   node dist/bench/loki.bench.js [pushes] [--loki PROGRAM] [--major 1|3]

import { type ChildProcess, spawn } from 'node:child_process';
import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { stringify } from 'yaml';
import { programPath } from '../harness/core/program-path.ts';
import { sleep } from '../harness/core/real-clock.ts';
import { createLokiConfig } from '../harness/engine/docker/loki-config.ts';
import { freePorts } from '../harness/engine/shared/free-ports.ts';
import { startPart } from '../harness/engine/shared/part-process.ts';
import { processUsage } from '../harness/engine/shared/process-table.ts';
import { waitLokiReady } from '../harness/sink/reader.ts';
import { cacheDir } from '../images/cache.ts';
import { LINES_PER_PUSH, makePushes } from './sink-load.ts';

const { values, positionals } = parseArgs({
  options: { loki: { type: 'string', default: join(cacheDir(), 'bin/loki') }, major: { type: 'string', default: '1' } },
  allowPositionals: true,
});
const pushCount = Number(positionals[0] ?? 100);
const WARM_UP_PUSHES = 10;
const READY_WITHIN_MS = 30_000;
const none = Number.POSITIVE_INFINITY;
const LIMITS = {
  ...{ grpcMessageMaxBytes: 4_194_304, lineMaxBytes: 262_144, rateBytesPerSecond: none, burstBytes: none },
  ...{ streamRateBytesPerSecond: none, streamBurstBytes: none, streamsMax: 5_000 },
};

interface Target {
  url: string;
  pid: number;
  stop(): Promise<void>;
}

const embedded = await measure('embedded', await startEmbedded());
if (existsSync(values.loki)) {
  const real = await measure('real', await startReal());
  console.log(`the embedded one takes ${(embedded / real).toFixed(1)} times as many records per CPU-second`);
} else
  console.log(`real       not measured: ${values.loki} is not there (\`npm run images -- loki\`, or --loki PROGRAM)`);

async function measure(name: string, target: Target): Promise<number> {
  try {
    const bodies = makePushes(WARM_UP_PUSHES + pushCount, BigInt(Date.now() - 600_000) * 1_000_000n);
    for (const body of bodies.slice(0, WARM_UP_PUSHES)) await push(target, body);
    const beforeMs = processUsage(target.pid)!.cpuMs;
    for (const body of bodies.slice(WARM_UP_PUSHES)) await push(target, body);
    // What it does behind its answers counts too.
    await sleep(1_000);
    const cpuMs = processUsage(target.pid)!.cpuMs - beforeMs;
    const rate = (pushCount * LINES_PER_PUSH) / (cpuMs / 1_000);
    console.log(`${name.padEnd(10)} ${Math.round(rate).toLocaleString('en')} records per CPU-second`);
    return rate;
  } finally {
    await target.stop();
  }
}

async function push({ url }: Target, body: Buffer): Promise<void> {
  const headers = { 'content-type': 'application/x-protobuf' };
  const answer = await fetch(`${url}/loki/api/v1/push`, { method: 'POST', headers, body: new Uint8Array(body) });
  if (answer.status !== 204) throw new Error(`${answer.status} ${await answer.text()}`);
}

async function startEmbedded(): Promise<Target> {
  const limits = Object.fromEntries(Object.entries(LIMITS).map(([key, limit]) => [key, limit === none ? null : limit]));
  const folder = mkdtempSync(join(tmpdir(), 'loki-bench-'));
  const sink = { port: 0, dataDir: folder, sharedDir: folder, upstreamUrl: null, params: { version: '3.7', limits } };
  const part = await startPart({
    ...{ name: 'sink', main: programPath('../harness/engine/shared/part-host.js', import.meta.url) },
    config: { kind: 'sink', name: 'loki', pluginFiles: [], sink },
    stdio: ['ignore', 2, 2],
    onEvent: () => undefined,
  });
  const { url } = part.info as { url: string };
  return { url, pid: part.pid, stop: () => part.stop().then(() => rmSync(folder, { recursive: true })) };
}

async function startReal(): Promise<Target> {
  const folder = mkdtempSync(join(tmpdir(), 'loki-bench-'));
  const [http, grpc] = await freePorts(2);
  const text = stringify(createLokiConfig(LIMITS, Number(values.major)))
    .replaceAll('/loki', folder)
    .replace('http_listen_port: 3100', `http_listen_port: ${http}\n  http_listen_address: 127.0.0.1`)
    .replaceAll('9095', String(grpc));
  writeFileSync(join(folder, 'loki.yaml'), text);
  const child = spawn(values.loki, [`-config.file=${join(folder, 'loki.yaml')}`], { stdio: ['ignore', 2, 2] });
  const url = `http://127.0.0.1:${http}`;
  const stop = async (): Promise<void> => {
    await end(child);
    rmSync(folder, { recursive: true });
  };
  try {
    await waitLokiReady({ url, withinMs: READY_WITHIN_MS });
  } catch (error) {
    await stop();
    throw error;
  }
  return { url, pid: child.pid!, stop };
}

function end(child: ChildProcess): Promise<void> {
  return new Promise((resolve) => {
    if (child.exitCode !== null) return resolve();
    child.once('exit', () => resolve());
    child.kill('SIGKILL');
  });
}
