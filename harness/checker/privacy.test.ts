// Planted personal data in the sink: what must be rejected, what is legal, what cannot be known. What counts as planted
// data in an entry is tested beside the scan.

import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createPrng } from '../core/prng.ts';
import { scanPlanted } from '../ledger/scan-planted.ts';
import type { SinkEntry } from '../model/parts.ts';
import { PLANTED_KINDS, type PlantedFacts, type PlantedKind, plant } from '../model/planted.ts';
import { atMs, delivered } from '../testing/journey.ts';
import { privacy } from './privacy.ts';
import { checkHistory, type MadeRun, type Moment } from './testing/check-history.ts';

function scanned(leaked: PlantedFacts['leaked'], scannedEntries = 100): Moment {
  return { kind: 'probe', hop: 'sink', atNs: atMs(14_500), data: { probe: 'planted', scannedEntries, leaked } };
}

const check = (events: Moment[], run: MadeRun = {}, shape = 'personal') =>
  checkHistory(privacy as never, {
    ...{ lines: { web: [delivered(0)] }, events, ...run },
    plan: ({ scenario }) => {
      scenario.topology.apps.web!.shape = shape;
    },
  });

describe('privacy', () => {
  it.each(PLANTED_KINDS)('rejects a planted %s in the sink, citing the scan', async (kind) => {
    const { verdict, found, findings, cited } = await check([scanned({ [kind]: { entries: 7, sample: 'x' } })]);
    expect({ verdict, found }).toEqual({ verdict: 'invalid', found: ['leaked@agent'] });
    expect(findings[0]).toMatchObject({
      numbers: { [`${kind}Entries`]: 7 },
      title: expect.stringMatching(/^7 entries/),
    });
    expect(cited(findings[0]!)).toHaveLength(1);
  });

  it('allows the kinds that it was not asked about', async () => {
    const events = [scanned({ login: { entries: 1, sample: 'x' } })];
    expect((await check(events, { params: { planted: ['ipv4', 'ipv6'] } })).verdict).toBe('valid');
    expect((await check(events, { params: { planted: ['login'] } })).found).toEqual(['leaked@agent']);
  });

  it('is valid where lines came and nothing planted is left in them', async () => {
    expect(await check([scanned({})])).toMatchObject({
      verdict: 'valid',
      numbers: { scannedEntries: 100, loginEntries: 0 },
    });
  });

  it.each<[string, Moment[], MadeRun, string?]>([
    ['where no app plants anything', [scanned({})], {}, 'plain'],
    ['where nobody looked', [], {}],
    ['where none of the lines arrived', [scanned({})], { lines: { web: [] } }],
  ])('is unknown %s', async (_, events, run, shape) => {
    expect((await check(events, run, shape)).verdict).toBe('unknown');
  });
});

/** Entries as they are read back; at `place` one with what was planted. */
async function scan(entries: SinkEntry[]): Promise<PlantedFacts> {
  const facts: PlantedFacts = { scannedEntries: 0, leaked: {} };
  const all = (async function* () {
    yield* entries;
  })();
  for await (const _ of scanPlanted(all, facts));
  return facts;
}

describe('among entries of the sink', () => {
  const entries = (length: number): SinkEntry[] =>
    Array.from({ length }, (_, seq) => ({
      ...{ tNs: BigInt(seq), labels: { app: 'web' } },
      line: `lrs1-run001-web-${seq}-90-1a2b3c4d user=[login] from 198.18.7.0 via 2001:db8:5ec7:: mail [email]`,
    }));
  const places = ['line', 'labels', 'metadata'] as const;

  it.each([
    ['few', 100, 60],
    ['100,000', 100_000, 1],
  ])('of %s one planted thing is found wherever it stands, and nothing else', async (_, length, numRuns) => {
    const planted = fc.asyncProperty(
      fc.constantFrom<PlantedKind>(...PLANTED_KINDS),
      fc.constantFrom(...places),
      fc.nat(length - 1),
      fc.nat(),
      async (kind, place, at, seed) => {
        const text = plant(kind, createPrng(seed).next);
        const list = entries(length);
        const entry = list[at]!;
        if (place === 'line') entry.line = `${entry.line} ${text}`;
        else entry[place] = { ...entry[place], seen: text };
        const facts = await scan(list);
        expect(facts).toEqual({ scannedEntries: length, leaked: { [kind]: { entries: 1, sample: text } } });
        expect((await check([scanned(facts.leaked)])).found).toEqual(['leaked@agent']);
      },
    );
    await fc.assert(planted, { numRuns });
    expect((await scan(entries(length))).leaked).toEqual({});
  });
});
