// What no single key can say by itself: names that point at each other, kinds that must fit, times in order. Each
// check returns problems with their key path; none throws.

import type { PartRegistry } from '../model/engine.ts';
import type { Scenario } from '../model/scenario.ts';
import { SINK_VERSIONS } from '../model/sink-limits.ts';
import { findAppKind } from './app-kinds.ts';
import { checkApps } from './check-apps.ts';
import { CONTRACTED_FAULTS, checkControlFinding, FINDING_CLASSES } from './finding-names.ts';
import type { Problem } from './messages.ts';
import { describeUnknownName } from './nearest.ts';
import { parseParams } from './params.ts';

/** Every problem of a scenario that its schema can't see. */
export function checkScenario(scenario: Scenario, registry: PartRegistry): Problem[] {
  return [
    ...checkApps(scenario, registry),
    ...checkParts(scenario, registry),
    ...scenario.load.flatMap((_, index) => checkLoad(scenario, index, registry)),
    ...checkFronts(scenario),
    ...checkFaults(scenario, registry),
    ...checkExpect(scenario, registry),
    ...checkControls(scenario, registry),
  ];
}

function checkParts({ topology }: Scenario, registry: PartRegistry): Problem[] {
  const problems: Problem[] = [];
  const sinks = [...registry.sinks.values()];
  const placed = (at: 'relay' | 'sink'): string[] => sinks.filter((sink) => sink.at === at).map(({ name }) => name);
  topology.relays.forEach(({ type }, index) => {
    if (!placed('relay').includes(type))
      problems.push({
        path: ['topology', 'relays', index, 'type'],
        text: describeUnknownName(type, { what: 'relay', known: placed('relay') }),
      });
  });
  const { type, version } = topology.sink;
  const sinkNames = [...new Set(['loki', ...placed('sink')])];
  if (!sinkNames.includes(type))
    problems.push({
      path: ['topology', 'sink', 'type'],
      text: describeUnknownName(type, { what: 'sink', known: sinkNames }),
    });
  if (type === 'loki' && !(SINK_VERSIONS as readonly string[]).includes(version))
    problems.push({
      path: ['topology', 'sink', 'version'],
      text: `expected one of ${SINK_VERSIONS.map((known) => `"${known}"`).join(', ')}, got "${version}"`,
    });
  const driver = topology.driver.type;
  if (driver !== undefined && !registry.drivers.has(driver))
    problems.push({
      path: ['topology', 'driver', 'type'],
      text: describeUnknownName(driver, { what: 'plugin’s driver', known: [...registry.drivers.keys()] }),
    });
  return problems;
}

function checkLoad({ load, topology }: Scenario, index: number, registry: PartRegistry): Problem[] {
  const { to, kind, path, rate, untilMs, sizesBytes } = load[index]!;
  const problems: Problem[] = [];
  const add = (key: (string | number)[], text: string): void =>
    void problems.push({ path: ['load', index, ...key], text });
  const app = Object.hasOwn(topology.apps, to) ? topology.apps[to] : undefined;
  const appKind = app && findAppKind(app.type, registry.apps)?.kind;
  if (!app) add(['to'], describeUnknownName(to, { what: 'app', known: Object.keys(topology.apps) }));
  else if (appKind && appKind !== kind)
    add(['kind'], `expected ${appKind}, since \`${to}\` is of type ${app.type}; got ${kind}`);
  if (kind === 'http' && !(/^\/[\x21-\x7e]*$/.test(path) && path.split('{id}').length === 2))
    add(
      ['path'],
      `expected a path that begins with / and holds {id} once, such as /static/{id}, got ${JSON.stringify(path)}`,
    );
  if (kind === 'http' && sizesBytes.length > 0)
    add(['sizes'], 'only `kind: lines` has sizes; the shape of the app decides the length of its lines');
  if (kind === 'lines' && path !== '') add(['path'], 'only `kind: http` has a path');
  rate.forEach(({ atMs }, point) => {
    if (point > 0 && atMs <= rate[point - 1]!.atMs)
      add(['rate', point, 'at'], 'expected the points in order of time, each later than the one before');
    if (atMs >= untilMs) add(['rate', point, 'at'], 'expected a time before `until`, where this load ends');
  });
  return problems;
}

/** The lines of an app are numbered by the one front through which its requests come. */
function checkFronts({ load, topology }: Scenario): Problem[] {
  const frontOf = new Map<string, string>();
  return load.flatMap(({ to, kind }, index) => {
    const reached = kind === 'http' ? listReached(to, topology.apps) : [to];
    const twice = reached.find((app) => (frontOf.get(app) ?? to) !== to);
    for (const app of reached) if (!frontOf.has(app)) frontOf.set(app, to);
    if (twice === undefined) return [];
    const text = `\`${twice}\` gets lines through \`${frontOf.get(twice)}\` already: send all requests through one front, or give each front a backend of its own`;
    return [{ path: ['load', index, 'to'], text }];
  });
}

/** An app and those behind it. */
function listReached(front: string, apps: Scenario['topology']['apps']): string[] {
  const reached: string[] = [];
  for (
    let at: string | null | undefined = front;
    at && !reached.includes(at);
    at = Object.hasOwn(apps, at) ? apps[at]?.backend : null
  )
    reached.push(at);
  return reached;
}

function checkFaults({ faults, load }: Scenario, registry: PartRegistry): Problem[] {
  const loadEndMs = Math.max(...load.map(({ untilMs }) => untilMs));
  return faults.flatMap(({ fault, atMs }, index) => {
    const problems: Problem[] = [];
    const known = [...registry.faults.keys()];
    if (!registry.faults.has(fault))
      problems.push({
        path: ['faults', index, 'fault'],
        text: describeUnknownName(fault, { what: 'fault', known, contracted: CONTRACTED_FAULTS }),
      });
    if (atMs >= loadEndMs)
      problems.push({
        path: ['faults', index, 'at'],
        text: `expected a time before load ends (${loadEndMs / 1_000}s)`,
      });
    return problems;
  });
}

function checkExpect({ expect }: Scenario, registry: PartRegistry): Problem[] {
  const known = [...registry.checkers.keys()];
  return Object.entries(expect).flatMap(([name, raw]) => {
    const checker = registry.checkers.get(name);
    if (checker) return parseParams(checker.params, raw, { prefix: ['expect', name] }).problems;
    const contracted = Object.keys(FINDING_CLASSES);
    return [{ path: ['expect', name], text: describeUnknownName(name, { what: 'checker', known, contracted }) }];
  });
}

function checkControls({ controls }: Scenario, registry: PartRegistry): Problem[] {
  return controls.flatMap(({ finds }, index) =>
    finds.flatMap((name, at) => {
      const text = checkControlFinding(name, [...registry.checkers.keys()]);
      return text === undefined ? [] : [{ path: ['controls', index, 'finds', at], text }];
    }),
  );
}
