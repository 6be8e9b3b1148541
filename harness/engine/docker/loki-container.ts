// Real Loki with the scenario's limits: a generated config, ready within a second, read back from its own /config and
// compared with what was asked for.

import { chmodSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { parse, stringify } from 'yaml';
import { HarnessError } from '../../core/errors.ts';
import type { SinkLimits } from '../../model/scenario.ts';
import { waitLokiReady } from '../../sink/reader.ts';
import { freePort } from '../shared/sink-chain.ts';
import { createLokiConfig, findDifferences, LOKI_IMAGES, lokiMajorOf } from './loki-config.ts';
import type { RunBed } from './run-bed.ts';

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
    Cmd: ['-config.file=/etc/larsen/loki.yaml'],
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
  await waitLokiReady({ url, withinMs: READY_WITHIN_MS, signal: bed.input.signal });
  await compareLimits(url, limits, major);
  return { url, image };
}

/** A limit that Loki read in another way than was meant would judge the agent by the wrong rule. */
async function compareLimits(url: string, limits: SinkLimits, major: number): Promise<void> {
  const answer = await fetch(`${url}/config`, { signal: AbortSignal.timeout(10_000) });
  const differences = findDifferences(limits, answer.ok ? parse(await answer.text()) : null, major);
  if (differences.length === 0) return;
  const text = `Loki runs with other limits than the scenario asks for: ${differences.join('; ')}`;
  throw new HarnessError('E_DOCKER_LOKI', text);
}
