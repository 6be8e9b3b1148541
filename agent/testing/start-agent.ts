// Starts an agent in virtual time on a fake network.

import { parseConfig } from '../config/parse.ts';
import { createAgent } from '../index.ts';
import { FakeFiles } from './fake-files.ts';
import { FakeNet, type Script } from './fake-net.ts';
import { FakeProcesses } from './fake-processes.ts';
import { noise } from './noise.ts';
import { readPush } from './read-push.ts';
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
  /** The sum of one metric over all its labels. */
  const metricSum = (name: string): number =>
    agent
      .metrics()
      .split('\n')
      .filter((text) => text.startsWith(`larsen_agent_${name}{`) || text.startsWith(`larsen_agent_${name} `))
      .reduce((sum, text) => sum + Number(text.split(' ').at(-1)), 0);
  /** One metric's value where it has no labels, or the sum. */
  const metric = metricSum;
  const books = () => ({
    received: metricSum('records_received_total') + metricSum('records_split_total'),
    accounted:
      metricSum('records_sent_total') +
      metricSum('records_dropped_total') +
      metricSum('records_rejected_total') +
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
    metricSum,
    books,
    entries: () => net.pushes.flatMap((push) => readPush(push.body)),
  };
}
