// Does personal data reach the sink that the pipeline should have scrubbed? Apps of the shape `personal` plant made-up
// addresses, logins and mail addresses; reading back looks for them in every entry.

import { z } from 'zod';
import type { EventRef } from '../model/event.ts';
import type { CheckResult, Finding } from '../model/finding.ts';
import type { History } from '../model/history.ts';
import type { CheckerDefinition } from '../model/parts.ts';
import { PERSONAL_SHAPE, PLANTED_KINDS, type PlantedFacts, type PlantedKind } from '../model/planted.ts';
import type { RunFacts } from '../model/run.ts';
import { agentHop } from './agent-hop.ts';
import { describeCount, describeNames } from './describe.ts';
import { createCheckerParams } from './params.ts';

const schema = z.strictObject({
  /** Kinds of planted data of which none may be stored. */
  planted: z
    .array(z.enum(PLANTED_KINDS, { error: `Expected one of ${PLANTED_KINDS.join(', ')}` }))
    .min(1)
    .default([...PLANTED_KINDS]),
});

/** `privacy`: planted personal data in the sink. */
export const privacy: CheckerDefinition<z.output<typeof schema>> = {
  name: 'privacy',
  params: createCheckerParams('privacy', schema),
  async check({ history, ledger, params, run }) {
    const apps = Object.values(run.plan.scenario.topology.apps).filter(({ shape }) => shape === PERSONAL_SHAPE);
    if (apps.length === 0) return unknown(`No app plants personal data: give one the shape \`${PERSONAL_SHAPE}\`.`);
    const scan = await findScan(history);
    if (!scan) return unknown('The sink was not looked through for planted data when it was read back.');
    const storedLines = apps.reduce((sum, { name }) => sum + (ledger.apps[name]?.storedLines ?? 0), 0);
    const numbers: Record<string, number> = {
      scannedEntries: scan.facts.scannedEntries,
      plantedStoredLines: storedLines,
    };
    for (const kind of PLANTED_KINDS) numbers[`${kind}Entries`] = scan.facts.leaked[kind]?.entries ?? 0;
    const leaked = params.planted.filter((kind) => scan.facts.leaked[kind]);
    if (leaked.length > 0) {
      const finding = describeLeak(leaked, { scan, run, numbers });
      return { verdict: 'invalid', numbers, reasons: [finding.title], findings: [finding] };
    }
    if (storedLines === 0)
      return unknown(
        'Not one line with planted data is in the sink: whether it would have been scrubbed is not known.',
      );
    return { verdict: 'valid', numbers, reasons: [], findings: [] };
  },
};

function unknown(reason: string): CheckResult {
  return { verdict: 'unknown', numbers: {}, reasons: [reason], findings: [] };
}

interface Scan {
  facts: PlantedFacts;
  ref: EventRef;
}

async function findScan(history: History): Promise<Scan | null> {
  let scan: Scan | null = null;
  for await (const { kind, data, n } of history.control())
    if (kind === 'probe' && data?.probe === 'planted')
      scan = { facts: data as unknown as PlantedFacts, ref: `history#${n}` };
  return scan;
}

const NAMES: Record<PlantedKind, string> = {
  ipv4: 'IPv4 addresses',
  ipv6: 'IPv6 addresses',
  login: 'logins',
  email: 'mail addresses',
};

function describeLeak(
  leaked: PlantedKind[],
  { scan, run, numbers }: { scan: Scan; run: RunFacts; numbers: Record<string, number> },
): Finding {
  const { facts, ref } = scan;
  const most = Math.max(...leaked.map((kind) => facts.leaked[kind]!.entries));
  return {
    checker: 'privacy',
    class: 'leaked',
    hop: agentHop(run),
    severity: 'critical',
    title: `${describeCount(most)} ${most === 1 ? 'entry' : 'entries'} in the sink hold planted ${describeNames(leaked.map((kind) => NAMES[kind]))} that were to be scrubbed, such as ${facts.leaked[leaked[0]!]!.sample}`,
    fromMs: 0,
    toMs: run.endMs,
    numbers: Object.fromEntries(leaked.map((kind) => [`${kind}Entries`, numbers[`${kind}Entries`]!])),
    evidence: [ref],
    remedy: {
      key: 'config',
      text: 'Scrub before anything is written or sent: in the agent, for each kind, in lines and in labels',
    },
  };
}
