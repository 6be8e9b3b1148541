// The same suite on real Loki in a container: the image that LARSEN_LOKI_IMAGE names, or the one that `npm run images`
// makes. The version of the suite follows from the tag.

import { sleep } from '../../core/real-clock.ts';
import { describeDocker, docker, TEST_LABEL } from '../../testing/docker.ts';
import { lokiConformance } from '../../testing/loki-conformance.ts';

const IMAGE = process.env.LARSEN_LOKI_IMAGE ?? 'grafana/loki:1.6.1';
const READY_WITHIN_MS = 60_000;

/** Settings that the suite asks of a 3.x; the image made here carries its own. */
const MODERN_CONFIG = `auth_enabled: false
server: {http_listen_port: 3100, grpc_listen_port: 9095, log_level: warn}
common: {ring: {kvstore: {store: inmemory}, instance_addr: 127.0.0.1}, replication_factor: 1, path_prefix: /loki}
ingester: {lifecycler: {min_ready_duration: 0s, final_sleep: 0s}}
frontend: {address: 127.0.0.1}
frontend_worker: {frontend_address: "127.0.0.1:9095", dns_lookup_duration: 100ms}
query_scheduler: {use_scheduler_ring: false}
querier: {query_ingesters_within: 0}
schema_config: {configs: [{from: 2020-10-24, store: tsdb, object_store: filesystem, schema: v13, index: {prefix: index_, period: 24h}}]}
analytics: {reporting_enabled: false}
limits_config: {discover_service_name: [], discover_log_levels: false}
`;

const isModern = /:v?3/.test(IMAGE);

describeDocker('Loki in a container', [IMAGE], () => {
  lokiConformance({ name: IMAGE, version: isModern ? '3.7' : '1.6', start: startLoki });
});

async function startLoki(): Promise<{ url: string } & AsyncDisposable> {
  const container = await docker.createContainer({
    Image: IMAGE,
    Labels: { [TEST_LABEL]: 'loki' },
    ExposedPorts: { '3100/tcp': {} },
    HostConfig: {
      PortBindings: { '3100/tcp': [{ HostIp: '127.0.0.1', HostPort: '' }] },
      Tmpfs: { '/loki': 'size=256m,mode=1777' },
      LogConfig: { Type: 'json-file', Config: {} },
    },
  });
  const remove = (): Promise<unknown> => container.remove({ force: true, v: true });
  try {
    if (isModern) await putConfig(container.id);
    await container.start();
    const port = (await container.inspect()).NetworkSettings.Ports['3100/tcp']![0]!.HostPort;
    const url = `http://127.0.0.1:${port}`;
    await waitReady(url);
    return { url, [Symbol.asyncDispose]: async () => void (await remove()) };
  } catch (error) {
    await remove();
    throw error;
  }
}

async function waitReady(url: string): Promise<void> {
  const isReady = (): Promise<boolean> =>
    fetch(`${url}/ready`, { signal: AbortSignal.timeout(2_000) }).then(
      ({ status }) => status === 200,
      () => false,
    );
  for (let waitedMs = 0; !(await isReady()); waitedMs += 200) {
    if (waitedMs > READY_WITHIN_MS) throw new Error(`${IMAGE} did not get ready within ${READY_WITHIN_MS} ms`);
    await sleep(200);
  }
}

/** Puts the config into the container before it starts, as an archive of one file. */
async function putConfig(id: string): Promise<void> {
  const content = Buffer.from(MODERN_CONFIG);
  const header = Buffer.alloc(512);
  header.write('local-config.yaml', 0);
  header.write('0000644\0', 100);
  header.write('0000000\0', 108);
  header.write('0000000\0', 116);
  header.write(`${content.length.toString(8).padStart(11, '0')}\0`, 124);
  header.write('00000000000\0', 136);
  header.write('        0', 148);
  header.write('ustar\x0000', 257);
  const sum = header.reduce((total, byte) => total + byte, 0);
  header.write(`${sum.toString(8).padStart(6, '0')}\0 `, 148);
  const padding = Buffer.alloc((512 - (content.length % 512)) % 512);
  const archive = Buffer.concat([header, content, padding, Buffer.alloc(1_024)]);
  await docker.getContainer(id).putArchive(archive, { path: '/etc/loki' });
}
