// Tells stuck from idle. Idle is healthy: nothing waits. Stuck is not: entries wait longer than `stuckAfterMs`, or no push
// has succeeded for that long, or the sink says that a setting is wrong, which no waiting puts right.

/** What health is judged by, at one moment; times are on the agent's clock. */
export interface HealthFacts {
  nowMs: number;
  stuckAfterMs: number;
  oldestSinceMs: number | undefined;
  failing: { sinceMs: number; why: string; blocked: boolean } | undefined;
  paused: boolean;
  stopping: boolean;
}

/** Healthy, or the reason why not. */
export function judgeHealth(facts: HealthFacts): { healthy: boolean; reason?: string } {
  const { nowMs, failing } = facts;
  if (facts.stopping) return { healthy: false, reason: 'stopping' };
  if (failing?.blocked) return { healthy: false, reason: `pushes are refused: ${failing.why}` };
  if (failing !== undefined && nowMs - failing.sinceMs >= facts.stuckAfterMs) {
    return { healthy: false, reason: `no push has succeeded for ${seconds(nowMs - failing.sinceMs)}: ${failing.why}` };
  }
  if (facts.oldestSinceMs !== undefined && nowMs - facts.oldestSinceMs >= facts.stuckAfterMs) {
    return { healthy: false, reason: `the oldest entry has waited for ${seconds(nowMs - facts.oldestSinceMs)}` };
  }
  if (facts.paused) return { healthy: false, reason: 'the buffer is full and reading is paused (buffer.policy block)' };
  return { healthy: true };
}

function seconds(ms: number): string {
  return `${Math.round(ms / 1000)} s`;
}
