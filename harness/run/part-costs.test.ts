import { expect, it } from 'vitest';
import type { Event } from '../model/event.ts';
import { createCostMeter } from './part-costs.ts';

const phase = (name: string): Event => ({ n: 0, atNs: 0, kind: 'phase', hop: 'app', data: { phase: name } });
const usage = (cpuMs: number, rssBytes = 1): Event => ({
  n: 0,
  atNs: 0,
  kind: 'probe',
  hop: 'agent',
  data: { probe: 'usage', role: 'agent', name: 'mine', cpuMs, rssBytes },
});

function costsOf(events: Event[]) {
  const meter = createCostMeter();
  for (const event of events) meter.add(event);
  return meter.describe();
}

it('counts what was spent between the start of load and the end of draining', () => {
  const events = [
    phase('preflight'),
    usage(500, 90),
    phase('load'),
    usage(600, 50),
    phase('drain'),
    usage(650, 70),
    phase('stop'),
    usage(9_000, 900),
  ];
  expect(costsOf(events)).toEqual([{ role: 'agent', name: 'mine', cpuMs: 150, memoryMaxBytes: 70 }]);
});

it('goes on counting when a part was started again', () => {
  expect(costsOf([phase('load'), usage(100), usage(300), usage(40), usage(60)])[0]!.cpuMs).toBe(260);
});

it('has no row for what was never measured under load', () => {
  expect(costsOf([phase('preflight'), usage(100), phase('read-back'), usage(300)])).toEqual([]);
});
