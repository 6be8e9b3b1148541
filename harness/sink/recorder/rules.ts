// Fault rules of the hop: the first rule added that matches a push decides what happens to it. A rule has its own
// seeded stream of chance and its own number of calls.

import { createPrng } from '../../core/prng.ts';
import type { SinkRule } from '../../model/parts.ts';

/** The rules in force at one or more hops. */
export interface Rules {
  /** Adds a rule at a hop; returns its id. */
  add(rule: SinkRule, hop: string): number;
  remove(id: number): boolean;
  /** The rule for a push that has just arrived at a hop; counts as one of its calls. */
  match(hop: string): SinkRule | null;
}

interface Entry {
  id: number;
  hop: string;
  rule: SinkRule;
  calls: number;
  draw: () => number;
}

/** No rules yet. `seed` decides the draws of `share`. */
export function createRules(seed: number): Rules {
  const prng = createPrng(seed).fork('recorder');
  let entries: Entry[] = [];
  let lastId = 0;
  return {
    add(rule, hop) {
      const id = ++lastId;
      entries.push({ id, hop, rule, calls: 0, draw: prng.fork(`rule-${id}`).next });
      return id;
    },
    remove(id) {
      const before = entries.length;
      entries = entries.filter((entry) => entry.id !== id);
      return entries.length < before;
    },
    match(hop) {
      const found = entries.find((entry) => entry.hop === hop && applies(entry));
      if (!found) return null;
      found.calls++;
      return found.rule;
    },
  };
}

function applies({ rule, calls, draw }: Entry): boolean {
  if (rule.calls !== undefined && calls >= rule.calls) return false;
  return rule.share === undefined || draw() < rule.share;
}
