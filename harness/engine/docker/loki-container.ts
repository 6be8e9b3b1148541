// Real Loki with the scenario's limits: a generated config, ready within a second, read back from its own /config and
// compared with what was asked for.

import { chmodSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { parse, stringify } from 'yaml';
import { HarnessError } from '../../core/errors.ts';
import type { SinkLimits } from '../../model/scenario.ts';
import { waitLokiReady } from '../../sink/reader.ts';
import { freePort } from '../shared/free-ports.ts';
import { bounded } from './bounded.ts';
import type { RunContainer } from './container.ts';
import { createLokiConfig, findDifferences, LOKI_IMAGES, lokiMajorOf } from './loki-config.ts';
import { createDemultiplexer } from './own-output.ts';
import type { RunBed } from './run-bed.ts';
import { whileRunning } from './while-running.ts';

const READY_WITHIN_MS = 30_000;

/** Starts it; `url` is where it answers on this machine. Throws E_SINK_NOT_READY or E_DOCKER_LOKI. */
export async function startLoki(bed: RunBed): Promise<{ url: string; image: string }> {
  const { limits, version } = bed.input.plan.scenario.topology.sink;
  const image = await bed.image(LOKI_IMAGES[version as keyof typeof LOKI_IMAGES]);
  const major = lokiMajorOf(image);
  const folder = join(bed.space.tempDir, 'loki');
  mkdirSync(folder, { recursive: true });
  chmodSync(folder, 0o755);
  writeFileSync(join(folder, 'loki.yaml'), stringify(createLokiConfig(limits, major)), { mode: 0o644 });
  const port = await freePort();
  const container = await bed.create('loki', 'sink', {
    Image: image,
    Cmd: ['-config.file=/etc/larsen/loki.yaml', ...(major < 3 ? ['-print-config-stderr'] : [])],
    ExposedPorts: { '3100/tcp': {} },
    HostConfig: {
      Binds: [`${folder}:/etc/larsen:ro`],
      Tmpfs: { '/loki': 'size=512m,mode=1777' },
      PortBindings: { '3100/tcp': [{ HostIp: '127.0.0.1', HostPort: String(port) }] },
      NetworkMode: bed.network,
    },
  });
  await container.start();
  bed.space.measure({ role: 'sink', name: 'loki', pid: container.pid });
  const url = `http://127.0.0.1:${port}`;
  await whileRunning(container, waitLokiReady({ url, withinMs: READY_WITHIN_MS, signal: bed.input.signal }));
  compareLimits(await readEffective(url, container), limits, major);
  return { url, image };
}

/** A limit that Loki read in another way than was meant would judge the agent by the wrong rule. */
function compareLimits(effective: unknown, limits: SinkLimits, major: number): void {
  const differences = findDifferences(limits, effective, major);
  if (differences.length === 0) return;
  const text = `Loki runs with other limits than the scenario asks for: ${differences.join('; ')}`;
  throw new HarnessError('E_DOCKER_LOKI', text);
}

const CONFIG_WITHIN_MS = 10_000;

/** What Loki says it runs with: the page `/config`, or in versions without it what it prints at its start. */
async function readEffective(url: string, container: RunContainer): Promise<unknown> {
  const answer = await fetch(`${url}/config`, { signal: AbortSignal.timeout(CONFIG_WITHIN_MS) });
  const text = await answer.text();
  if (answer.ok) return parse(text);
  const printed = await bounded(`logs ${container.name}`, (abortSignal) =>
    container.handle.logs({ stderr: true, stdout: false, abortSignal }),
  );
  let all = '';
  createDemultiplexer((chunk) => {
    all += chunk.toString('utf8');
  })(printed as unknown as Buffer);
  const lines = all.slice(Math.max(0, all.indexOf(PRINTED_CONFIG))).split('\n');
  return parse(lines.filter((line) => !/^(?:level|ts|caller)=/.test(line)).join('\n'));
}

/** How the printed config begins. */
const PRINTED_CONFIG = '# Loki Config';
