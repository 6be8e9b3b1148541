// The recording and faulting hop, a process of its own: between the agent and the sink, and in front of a relay
// where there is one. Bytes pass unchanged; what is in them, and what was answered, is written down.
//
//   agent ──► relay hop ──► relay ──► sink hop ──► sink           (the relay hop only where a relay stands)

import { performance } from 'node:perf_hooks';
import { connectPart } from '../../core/part.ts';
import { sleep } from '../../core/real-clock.ts';
import type { LineWrapper } from '../../model/agent.ts';
import { createLineIdScanner } from '../../model/line-id.ts';
import type { SinkRule } from '../../model/parts.ts';
import { type Hop, openHop } from './hop.ts';
import type { RecorderPartConfig, RecorderReadyInfo, RecorderStats } from './part.ts';
import { createPushLog, type PushLog } from './push-log.ts';
import { createRules } from './rules.ts';

const FLUSH_MS = 250;
const FINISH_MS = 1_000;

const channel = await connectPart<RecorderPartConfig>();
const { config } = channel;
const log = createPushLog(config, channel.emit);
const rules = createRules(config.seed);
let wrapper: LineWrapper = { kind: 'auto' };

const context = { scanner: createLineIdScanner(config.run, config.apps), log, wrapper: () => wrapper, rules };
const hops: Hop[] = [];
for (const hop of config.hops) hops.push(await openHop(hop, context));

/** The named hop; by default the one in front of the sink. */
function chooseHop(name?: string): Hop {
  const hop =
    name === undefined
      ? (hops.find((each) => each.name === 'sink') ?? hops.at(-1))
      : hops.find((each) => each.name === name);
  if (!hop) throw new Error(`the recorder has no hop ${name ?? ''}`);
  return hop;
}

channel.onCall('rule-add', ({ hop, ...rule }: SinkRule & { hop?: string }) => rules.add(rule, chooseHop(hop).name));
channel.onCall('rule-remove', ({ id }: { id: number }) => rules.remove(id));
channel.onCall('stop', (data: { hop?: string; fault?: string } | undefined) => chooseHop(data?.hop).stop(data?.fault));
channel.onCall('start', (data: { hop?: string } | undefined) => chooseHop(data?.hop).start());
channel.onCall('wrapper', (told: LineWrapper) => {
  wrapper = told;
});
channel.onCall('flush', async () => {
  await Promise.all(hops.map((hop) => hop.finish(sleep(FINISH_MS))));
  log.flush();
});
channel.onCall('canaries', () => log.canaries);
channel.onCall('stats', createStats());

channel.ready({ urls: hops.map(({ url }) => url) } satisfies RecorderReadyInfo);
void flushForEver(log);

async function flushForEver(pushLog: PushLog): Promise<never> {
  for (;;) {
    await sleep(FLUSH_MS);
    pushLog.flush();
  }
}

function createStats(): () => RecorderStats {
  let last = performance.eventLoopUtilization();
  return () => {
    const now = performance.eventLoopUtilization();
    const { utilization } = performance.eventLoopUtilization(now, last);
    last = now;
    return { ...log.counts, busyRatio: utilization };
  };
}
