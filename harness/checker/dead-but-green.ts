// Does the agent say it is well while it is stuck? Its health page is asked each second during the run; judged is the
// longest time for which it answered 2xx while lines waited in it and nothing got through, though the sink was there.

import { z } from 'zod';
import { describeDuration } from '../core/units.ts';
import type { PhaseData } from '../model/event.ts';
import type { CheckResult, Finding } from '../model/finding.ts';
import type { History } from '../model/history.ts';
import type { CheckerDefinition } from '../model/parts.ts';
import type { RunFacts } from '../model/run.ts';
import { createCheckerParams, durationParam } from './params.ts';
import { type HealthFacts, type Stuck, StuckClock } from './stuck-time.ts';

const schema = z.strictObject({
  /** How long the agent may be stuck and say that it is well; longer than its flush interval. */
  stuckMax: durationParam.default(10_000),
});

/** `dead-but-green`: a health page that answers 2xx while nothing gets through. */
export const deadButGreen: CheckerDefinition<z.output<typeof schema>> = {
  name: 'dead-but-green',
  params: createCheckerParams('dead-but-green', schema),
  skips: ({ plan }) =>
    plan.agent.health === null
      ? `The agent ${plan.agent.name} names no \`health:\`, so dead-but-green is not judged.`
      : null,
  async check({ history, params, run }) {
    const { facts, watchedMs } = await follow(history, run);
    const { longest } = facts;
    const stuckMs = longest ? longest.toMs - longest.fromMs : 0;
    const numbers = { healthPolls: facts.polls, greenPolls: facts.greenPolls, stuckMs, watchedMs };
    if (longest && stuckMs > params.stuckMax) {
      const finding = describeStuck(longest, params.stuckMax);
      return { verdict: 'invalid', numbers, reasons: [finding.title], findings: [finding] };
    }
    const reasons = findBlindSpots(facts, watchedMs, params.stuckMax);
    return { verdict: reasons.length > 0 ? 'unknown' : 'valid', numbers, reasons, findings: [] } satisfies CheckResult;
  },
};

/** From load start until the parts were told to stop. */
async function follow(history: History, run: RunFacts): Promise<{ facts: HealthFacts; watchedMs: number }> {
  const clock = new StuckClock(run);
  let watchedMs = 0;
  for await (const event of history.control()) {
    const ms = (event.atNs - run.loadStartNs) / 1e6;
    const isStop = event.kind === 'phase' && (event.data as PhaseData | undefined)?.phase === 'stop';
    if (isStop) return { facts: clock.facts, watchedMs: Math.max(0, ms) };
    if (ms < 0) continue;
    watchedMs = ms;
    clock.add(event, ms);
  }
  return { facts: clock.facts, watchedMs };
}

function findBlindSpots(facts: HealthFacts, watchedMs: number, stuckMaxMs: number): string[] {
  if (facts.polls === 0) return ['The health page was never asked, so nobody knows what it would have said.'];
  if (facts.greenPolls === 0) return ['The health page never answered with 2xx, so it could not deceive anybody.'];
  if (facts.sentLines === 0) return ['Nobody saw a line enter the agent, so none could wait in it.'];
  if (facts.pushes === 0) return ['No push was seen, accepted or not: there is no recording hop in front of the sink.'];
  if (watchedMs <= stuckMaxMs)
    return [
      `The run was watched for ${describeDuration(watchedMs)}, not longer than the ${describeDuration(stuckMaxMs)} of \`stuckMax\`.`,
    ];
  return [];
}

function describeStuck({ fromMs, toMs, greenPolls, evidence }: Stuck, stuckMaxMs: number): Finding {
  return {
    checker: 'dead-but-green',
    class: 'green-while-stuck',
    hop: 'agent',
    severity: 'major',
    title: `The health page said that all was well for ${describeDuration(toMs - fromMs)} in which lines waited and nothing got through, ${describeDuration(stuckMaxMs)} were allowed`,
    fromMs,
    toMs,
    numbers: { stuckMs: toMs - fromMs, greenPolls },
    evidence: [...new Set(evidence)],
    remedy: {
      key: 'health',
      text: 'Answer by the age of the oldest line that is not delivered, not by whether the process lives',
    },
  };
}
