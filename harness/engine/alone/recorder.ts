// The recording hop behind no harness: it passes pushes on to LARSEN_SINK_URL, writes one JSON line per push to its
// stdout, and counts them on a page for Prometheus. LARSEN_PORT (default 3101), LARSEN_HTTP_PORT (default 9601).

import { createServer } from 'node:http';
import { programPath } from '../../core/program-path.ts';
import type { PushData } from '../../model/event.ts';
import type { RecorderPartConfig } from '../../sink/recorder/part.ts';
import { type PartProcess, startPart } from '../shared/part-process.ts';
import { createPushMetrics, METRICS_TYPE } from './push-metrics.ts';

const HOST = '0.0.0.0';

/** Starts it on all addresses. */
export async function startRecorder(): Promise<PartProcess> {
  const {
    LARSEN_SINK_URL: upstreamUrl = 'http://loki:3100',
    LARSEN_PORT = '3101',
    LARSEN_HTTP_PORT = '9601',
  } = process.env;
  const metrics = createPushMetrics();
  const config: RecorderPartConfig = {
    ...{ run: 'alone', apps: [], linesDir: '/', seed: 1 },
    hops: [{ name: 'sink', upstreamUrl, port: Number(LARSEN_PORT), host: HOST }],
  };
  const part = await startPart({
    ...{ name: 'recorder', main: programPath('../../sink/recorder/main.js', import.meta.url), config },
    stdio: [0, 1, 2],
    onEvent: (event) => {
      const { kind, data } = event as { kind: string; data: PushData };
      if (kind !== 'push') return;
      metrics.count(data);
      process.stdout.write(`${describePush(data)}\n`);
    },
  });
  const page = createServer((_, response) => {
    response.writeHead(200, { 'content-type': METRICS_TYPE }).end(metrics.render());
  });
  page.listen(Number(LARSEN_HTTP_PORT), HOST).unref();
  return part;
}

function describePush({
  push,
  path,
  status,
  decodedBytes,
  entries,
  backslashRunMax,
  refusal,
  ...rest
}: PushData): string {
  const tookMs = Math.round((rest.answeredNs - rest.startedNs) / 1e6);
  return JSON.stringify({ push, path, status, decodedBytes, entries, backslashRunMax, tookMs, refusal });
}
