// The agents of the bench: ours with the config of a row, a naive one in Node, and others whose binaries are given. Each
// listens at a unix socket and pushes to the sink once a second.

import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

/** What a row asks for beyond Forward in and Loki out. */
export type Feature = 'none' | 'disk' | 'json-label' | 'scrub';

/** How to start an agent. */
export interface AgentStart {
  command: string;
  args: string[];
}

/** What an agent is started with. */
export interface PeerOptions {
  folder: string;
  path: string;
  sinkUrl: string;
  feature: Feature;
  /** The binary of a foreign agent. */
  binary?: string | undefined;
}

/** Starts of all agents; `undefined` where one has nothing for the feature. */
export const PEERS: Readonly<Record<string, (options: PeerOptions) => AgentStart | undefined>> = {
  'larsen-agent': startLarsenAgent,
  naive: ({ path, sinkUrl, feature }) => (feature === 'none' ? node('./agent-naive.js', [path, sinkUrl]) : undefined),
  'fluent-bit': startFluentBit,
  otelcol: startOtelcol,
};

function node(file: string, args: string[]): AgentStart {
  return { command: process.execPath, args: [fileURLToPath(new URL(file, import.meta.url)), ...args] };
}

const FEATURES: Readonly<Record<Feature, (folder: string) => string>> = {
  none: () => '',
  disk: (folder) => `buffer: { type: disk, path: "${folder}/buffer", fsync: never }\n`,
  'json-label': () => 'labels: { json: { level: level } }\n',
  scrub: () => 'process: { scrub: { ipv4: mask, ipv6: mask } }\n',
};

function startLarsenAgent({ folder, path, sinkUrl, feature }: PeerOptions): AgentStart {
  const config = join(folder, 'agent.yaml');
  const head = `inputs: [{ type: forward, url: "unix://${path}" }]\noutputs: [{ type: loki, url: "${sinkUrl}" }]\n`;
  writeFileSync(config, head + FEATURES[feature](folder));
  return node('../agent/main.js', ['--config', config]);
}

function startFluentBit({ folder, path, sinkUrl, feature, binary }: PeerOptions): AgentStart | undefined {
  if (binary === undefined || feature === 'scrub') return undefined;
  const { hostname, port } = new URL(sinkUrl);
  const isDisk = feature === 'disk';
  const isParsed = feature === 'json-label';
  const parsers = join(folder, 'parsers.conf');
  writeFileSync(parsers, '[PARSER]\n    Name json\n    Format json\n');
  const lines = [
    '[SERVICE]',
    '    flush 1',
    '    log_level error',
    ...(isParsed ? [`    parsers_file ${parsers}`] : []),
    ...(isDisk ? [`    storage.path ${folder}/chunks`, '    storage.sync normal', '    storage.checksum off'] : []),
    '[INPUT]',
    '    name forward',
    `    unix_path ${path}`,
    ...(isDisk ? ['    storage.type filesystem'] : []),
    ...(isParsed
      ? [
          '[FILTER]',
          '    name parser',
          '    match *',
          '    key_name log',
          '    parser json',
          '    preserve_key on',
          '    reserve_data on',
        ]
      : []),
    ...['traefik', 'peertube'].flatMap((app) => [
      '[OUTPUT]',
      '    name loki',
      `    match video.${app}`,
      `    host ${hostname}`,
      `    port ${port}`,
      `    labels app=video, service=${app}${isParsed ? ', level=$level' : ''}`,
      '    remove_keys container_id,container_name,source',
      '    drop_single_key raw',
      '    line_format json',
    ]),
  ];
  const config = join(folder, 'fluent-bit.conf');
  writeFileSync(config, `${lines.join('\n')}\n`);
  return { command: binary, args: ['-q', '-c', config] };
}

/** The collector has no Loki push any more: OTLP over HTTP is what a Loki behind it takes. */
function startOtelcol({ folder, path, sinkUrl, feature, binary }: PeerOptions): AgentStart | undefined {
  if (binary === undefined || (feature !== 'none' && feature !== 'disk')) return undefined;
  const config = join(folder, 'otelcol.yaml');
  const isDisk = feature === 'disk';
  if (isDisk) mkdirSync(join(folder, 'queue'));
  const storage = isDisk ? `extensions: { file_storage: { directory: "${folder}/queue" } }\n` : '';
  const queue = `sending_queue: { block_on_overflow: true${isDisk ? ', storage: file_storage' : ''} }`;
  writeFileSync(
    config,
    `${storage}receivers: { fluentforward: { endpoint: "unix://${path}" } }
processors: { batch: { timeout: 1s, send_batch_size: 4096, send_batch_max_size: 8192 } }
exporters: { otlphttp: { endpoint: "${sinkUrl}/otlp", compression: none, tls: { insecure: true }, ${queue} } }
service:
  extensions: [${isDisk ? 'file_storage' : ''}]
  telemetry: { metrics: { level: none }, logs: { level: error } }
  pipelines: { logs: { receivers: [fluentforward], processors: [batch], exporters: [otlphttp] } }
`,
  );
  return { command: binary, args: ['--config', config] };
}
