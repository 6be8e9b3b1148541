// Starts an agent in virtual time on a fake network.

import { parseConfig } from '../config/parse.ts';
import { createAgent } from '../index.ts';
import { FakeFiles } from './fake-files.ts';
import { FakeNet, type Script } from './fake-net.ts';
import { FakeProcesses } from './fake-processes.ts';
import { noise } from './noise.ts';
import { readPush } from './read-push.ts';
import { sumMetric } from './sum-metric.ts';
import { VirtualClock } from './virtual-clock.ts';

/** An agent under test with its whole world. `yaml` is added to a config that listens at unix:///agent.sock. */
export async function startAgent(yaml = '', files = new FakeFiles(), script?: Script, ownContainer?: string) {
  // After a crash time goes on where it was.
  const clock = new VirtualClock(files.wallMs() || undefined);
  if (!files.keepsLocks) files.locked.clear();
  files.wallMs = () => clock.wallMs();
  const net = new FakeNet();
  if (script !== undefined) net.script = script;
  const processes = new FakeProcesses();
  const lines: string[] = [];
  const printed: string[] = [];
  const stdout = { write: async (bytes: Uint8Array) => void printed.push(Buffer.from(bytes).toString()) };
  let seed = 1;
  const random = {
    next: () => {
      seed = (Math.imul(seed, 1_103_515_245) + 12_345) & 0x7fff_ffff;
      return seed / 0x8000_0000;
    },
    bytes: (count: number) => noise(count, seed),
  };
  const defaults = [
    'inputs: [{ type: forward, url: "unix:///agent.sock" }]',
    'labels: { instance: host-1 }',
    'outputs: [{ type: loki, url: "http://sink" }]',
  ].filter((line) => !new RegExp(`^\\s*${line.split(':')[0]}:`, 'm').test(yaml));
  const config = parseConfig(`${defaults.join('\n')}\n${yaml}`, { name: 'test', env: {} });
  const agent = await createAgent(config, {
    clock,
    net: net.port,
    files,
    processes,
    random,
    stdout,
    ownContainer,
    log: { write: (line) => void lines.push(line) },
  });
  const connect = () => {
    const sender = net.connect();
    if (sender === undefined) throw new Error('the agent refuses');
    return sender;
  };
  /** One metric: the sum of its values whose labels hold `having`. */
  const metric = (name: string, having = ''): number => sumMetric(agent.metrics(), name, having);
  const books = () => ({
    received: metric('records_received_total') + metric('records_split_total'),
    accounted:
      metric('records_sent_total') +
      metric('records_dropped_total') +
      metric('records_rejected_total') +
      metric('records_buffered'),
  });
  return {
    agent,
    clock,
    net,
    files,
    printed,
    processes,
    random,
    lines,
    connect,
    metric,
    books,
    entries: () => net.pushes.flatMap((push) => readPush(push.body)),
  };
}
