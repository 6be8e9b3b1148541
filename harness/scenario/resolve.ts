// Makes the typed Scenario from a parsed file: defaults that depend on other keys (an app's shape on its type, the
// sink's limits on its version), units in the words of the model, and parameters by each part's own schema.

import type { PartRegistry } from '../model/engine.ts';
import type { AppSpec, DriverOverride, Load, PlannedFault, Scenario, SinkLimits, SinkSpec } from '../model/scenario.ts';
import { SINK_LIMITS, SINK_VERSIONS } from '../model/sink-limits.ts';
import { findAppKind } from './app-kinds.ts';
import { resolveDriver } from './driver-schema.ts';
import { MISSION_CHECKERS } from './finding-names.ts';
import type { Problem } from './messages.ts';
import { parseParams } from './params.ts';
import type { ParsedScenario } from './schema.ts';

const PHASE_LIMIT_MS = 30_000;

/** What a scenario is called and resolved with. */
export interface ResolveContext {
  id: string;
  file: string;
  profile: string | null;
  registry: PartRegistry;
}

/** The typed scenario, and what was wrong with its parameters. */
export function resolveScenario(
  parsed: ParsedScenario,
  context: ResolveContext,
): { scenario: Scenario; problems: Problem[] } {
  const { topology, limits } = parsed;
  const faults = resolveFaults(parsed.faults ?? [], context.registry);
  const scenario: Scenario = {
    id: context.id,
    file: context.file,
    title: parsed.title,
    severity: parsed.severity,
    suite: parsed.suite ?? null,
    agent: parsed.agent ?? null,
    topology: {
      apps: resolveApps(topology.apps, context.registry),
      relays: (topology.relays ?? []).map((relay) => ({ ...relay, with: relay.with ?? {} })),
      sink: resolveSink(topology.sink),
      driver: resolveOverride(topology.driver),
      agent: { memoryMaxBytes: topology.agent?.memoryMax ?? null, diskMaxBytes: topology.agent?.diskMax ?? null },
    },
    load: parsed.load.map(resolveLoad),
    faults: faults.planned,
    expect: resolveExpect(parsed.expect ?? {}),
    profile: context.profile,
    controls: (parsed.controls ?? []).map(({ agent, with: over, finds }) => ({
      agent,
      with: over ?? {},
      finds: finds ?? [],
    })),
    limits: { preflightMs: limits?.preflight ?? PHASE_LIMIT_MS, drainMs: limits?.drain ?? PHASE_LIMIT_MS },
  };
  if (parsed.description !== undefined) scenario.description = parsed.description;
  return { scenario, problems: faults.problems };
}

function resolveApps(apps: ParsedScenario['topology']['apps'], registry: PartRegistry): Record<string, AppSpec> {
  const entries = Object.entries(apps).map(([name, app]): [string, AppSpec] => {
    const kind = findAppKind(app.type, registry.apps);
    return [
      name,
      {
        name,
        type: app.type,
        backend: app.backend ?? null,
        shape: app.shape ?? kind?.shape ?? 'plain',
        writes: app.writes ?? kind?.writes ?? 'blocking',
        with: app.with ?? {},
      },
    ];
  });
  return Object.fromEntries(entries);
}

function resolveSink(sink: ParsedScenario['topology']['sink']): SinkSpec {
  const version = SINK_VERSIONS.find((known) => known === sink?.version) ?? '3.7';
  const set = sink?.limits ?? {};
  const limits: Partial<Record<keyof SinkLimits, number | undefined>> = {
    grpcMessageMaxBytes: set.grpcMessageMax,
    lineMaxBytes: set.lineMax,
    rateBytesPerSecond: set.ratePerSecond,
    burstBytes: set.burst,
    streamRateBytesPerSecond: set.streamRatePerSecond,
    streamBurstBytes: set.streamBurst,
    streamsMax: set.maxStreams,
  };
  const given = Object.entries(limits).filter(([, value]) => value !== undefined);
  return {
    type: sink?.type ?? 'loki',
    version: sink?.version ?? '3.7',
    limits: { ...SINK_LIMITS[version], ...(Object.fromEntries(given) as Partial<SinkLimits>) },
    with: sink?.with ?? {},
  };
}

function resolveOverride(driver: ParsedScenario['topology']['driver']): DriverOverride {
  if (!driver) return {};
  const override: DriverOverride = resolveDriver(driver);
  if (driver.name !== undefined) override.name = driver.name;
  if (driver.type !== undefined) override.type = driver.type;
  if (driver.with !== undefined) override.with = driver.with;
  return override;
}

function resolveLoad({ to, kind, path, until, rate, sizes }: ParsedScenario['load'][number]): Load {
  return {
    to,
    kind,
    path: path ?? (kind === 'http' ? '/{id}' : ''),
    untilMs: until,
    rate: rate.map(({ at, perSecond, ramp }) => ({ atMs: at, perSecond, ramp: ramp ?? 'none' })),
    sizesBytes: sizes ?? [],
  };
}

function resolveFaults(
  faults: NonNullable<ParsedScenario['faults']>,
  registry: PartRegistry,
): { planned: PlannedFault[]; problems: Problem[] } {
  const problems: Problem[] = [];
  const planned = faults.map(({ at, for: duration, fault, ...raw }, index): PlannedFault => {
    const definition = registry.faults.get(fault);
    const read =
      definition && parseParams(definition.params, raw, { prefix: ['faults', index], besides: ['at', 'for', 'fault'] });
    problems.push(...(read?.problems ?? []));
    return { atMs: at, forMs: duration ?? null, fault, params: (read?.value ?? raw) as Record<string, unknown> };
  });
  return { planned, problems };
}

/** The mission checkers always run; the others when named. */
function resolveExpect(expect: NonNullable<ParsedScenario['expect']>): Scenario['expect'] {
  const named = Object.entries(expect).map(([checker, params]) => [checker, params ?? {}] as const);
  return { ...Object.fromEntries(MISSION_CHECKERS.map((checker) => [checker, {}])), ...Object.fromEntries(named) };
}
