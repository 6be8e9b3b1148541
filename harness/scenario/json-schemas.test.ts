import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { checkers } from '../checker/registry.ts';
import { createLedgerTotals } from '../model/ledger.ts';
import { createJsonSchemas } from './json-schemas.ts';
import { findPackageRoot } from './package-root.ts';
import { ledgerEntrySchema, resultSchema } from './result-schema.ts';

const schemas = createJsonSchemas(checkers);

describe('docs/schema', () => {
  it.each(Object.entries(schemas))('%s is up to date (npx larsen schema)', (name, text) => {
    expect(readFileSync(join(findPackageRoot(), 'docs', 'schema', name), 'utf8')).toBe(text);
  });

  it('is strict for files and open for results', () => {
    const read = (name: string): { additionalProperties?: unknown } =>
      JSON.parse(schemas[name]!) as { additionalProperties?: unknown };
    expect(read('scenario.schema.json').additionalProperties).toBe(false);
    expect(read('agent.schema.json').additionalProperties).toBe(false);
    expect(read('result.schema.json').additionalProperties).not.toBe(false);
  });
});

describe('expect in the schema of scenarios', () => {
  const { properties } = JSON.parse(schemas['scenario.schema.json']!) as {
    properties: {
      expect: { properties: Record<string, { anyOf: [object, LimitsSchema] }>; additionalProperties: object };
    };
  };
  interface LimitsSchema {
    properties: Record<string, { default?: unknown }>;
    additionalProperties: boolean;
    required?: string[];
  }
  const { expect: limits } = properties;

  it('has every checker with all of its limits and no other, none of them required', () => {
    expect(Object.keys(limits.properties)).toEqual(checkers.map(({ name }) => name));
    for (const { name, params } of checkers) {
      const [, own] = limits.properties[name]!.anyOf;
      expect(Object.keys(own.properties), name).toEqual(
        Object.keys((params as unknown as { schema: { shape: object } }).schema.shape),
      );
      expect(own).toMatchObject({ additionalProperties: false });
      expect(own.required ?? []).toEqual([]);
    }
    expect(limits.properties.parity!.anyOf[1].properties.lostMax).toMatchObject({ default: 0 });
  });

  it('leaves the limits of a plugin’s checker free', () => {
    expect(limits.additionalProperties).toHaveProperty('anyOf');
    const own = createJsonSchemas([{ name: 'mine', params: () => ({}) }]);
    expect(JSON.parse(own['scenario.schema.json']!)).toMatchObject({ properties: { expect: { properties: {} } } });
  });
});

describe('resultSchema', () => {
  const totals = createLedgerTotals();
  const run = {
    scenario: 'spike/viral-video',
    agent: 'larsen-agent',
    engine: 'process',
    seed: 1,
    repeat: 0,
    verdict: 'valid',
    folder: 'x',
    reasons: [],
    checks: { parity: { verdict: 'valid', numbers: { lostLines: 0 }, reasons: [] } },
    findings: [],
    ledger: { total: totals, apps: { web: totals }, hops: [{ hop: 'driver..agent', reason: 'x', lines: 1, bytes: 2 }] },
  };
  const result = {
    schema: 1,
    larsen: '0.1.0',
    verdict: 'valid',
    startedAt: new Date(0).toISOString(),
    durationMs: 1,
    runs: [run],
  };

  it('takes a result, with keys of later versions too', () => {
    expect(resultSchema.safeParse({ ...result, later: 1 }).success).toBe(true);
  });

  it('refuses a wrong verdict, hop, evidence or a missing count', () => {
    const { dueLines: _, ...fewer } = totals;
    const finding = {
      checker: 'parity',
      class: 'lost',
      hop: 'agent',
      severity: 'major',
      title: 'x',
      fromMs: 0,
      toMs: 1,
      numbers: {},
      evidence: ['history#1'],
      remedy: null,
    };
    expect(resultSchema.safeParse({ ...result, runs: [{ ...run, findings: [finding] }] }).success).toBe(true);
    for (const wrong of [
      { ...result, verdict: 'green' },
      { ...result, runs: [{ ...run, findings: [{ ...finding, hop: 'cloud' }] }] },
      { ...result, runs: [{ ...run, findings: [{ ...finding, evidence: ['see log'] }] }] },
      { ...result, runs: [{ ...run, ledger: { ...run.ledger, total: fewer } }] },
    ])
      expect(resultSchema.safeParse(wrong).success).toBe(false);
  });

  it('takes a ledger entry of a known account only', () => {
    const entry = {
      id: 'lrs1-abcdef-web-1-0-00000000',
      app: 'web',
      seq: 1,
      account: 'dropped',
      hop: 'driver',
      reason: 'ring-full',
      lastSeenMs: 1,
      lastSeen: 'written',
      bytes: 3,
      acceptedPushes: 0,
      storedCopies: 0,
    };
    expect(ledgerEntrySchema.safeParse(entry).success).toBe(true);
    expect(ledgerEntrySchema.safeParse({ ...entry, account: 'gone' }).success).toBe(false);
  });
});
