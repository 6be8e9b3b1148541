// Checks over the apps of a scenario: types, shapes, and backends that exist and do not stand behind themselves.

import type { PartRegistry } from '../model/engine.ts';
import type { AppSpec, Scenario } from '../model/scenario.ts';
import { BUILT_IN_APPS, findAppKind } from './app-kinds.ts';
import type { Problem } from './messages.ts';
import { describeUnknownName } from './nearest.ts';

/** Problems of `topology.apps`. */
export function checkApps({ topology }: Scenario, registry: PartRegistry): Problem[] {
  return Object.values(topology.apps).flatMap((app) => [
    ...checkNames(app, registry),
    ...checkBackend(app, topology.apps, registry),
  ]);
}

function checkNames({ name, type, shape }: AppSpec, registry: PartRegistry): Problem[] {
  const problems: Problem[] = [];
  const types = [...new Set([...Object.keys(BUILT_IN_APPS), ...registry.apps.keys()])];
  if (!types.includes(type))
    problems.push({
      path: ['topology', 'apps', name, 'type'],
      text: describeUnknownName(type, { what: 'type of app', known: types }),
    });
  else if (!registry.shapes.has(shape))
    problems.push({
      path: ['topology', 'apps', name, 'shape'],
      text: describeUnknownName(shape, { what: 'shape', known: [...registry.shapes.keys()] }),
    });
  return problems;
}

function checkBackend(
  { name, type, backend }: AppSpec,
  apps: Record<string, AppSpec>,
  registry: PartRegistry,
): Problem[] {
  if (backend === null) return [];
  const path = ['topology', 'apps', name, 'backend'];
  const target = Object.hasOwn(apps, backend) ? apps[backend] : undefined;
  if (!target)
    return [
      {
        path,
        text: describeUnknownName(backend, { what: 'app', known: Object.keys(apps).filter((app) => app !== name) }),
      },
    ];
  if (findAppKind(type, registry.apps)?.proxy === false)
    return [{ path, text: `an app of type ${type} has no backend; only a proxy such as traefik has one` }];
  if (findAppKind(target.type, registry.apps)?.kind === 'lines')
    return [{ path, text: `\`${backend}\` answers no requests, since it is of type ${target.type}` }];
  const circle = findCircle(name, apps);
  return circle ? [{ path, text: `backends go round in a circle: ${circle.join(' → ')}` }] : [];
}

/** The way from an app over its backends to itself, or undefined. */
function findCircle(start: string, apps: Record<string, AppSpec>): string[] | undefined {
  const way = [start];
  for (let at = apps[start]?.backend; at; at = Object.hasOwn(apps, at) ? apps[at]?.backend : null) {
    way.push(at);
    if (at === start) return way;
    if (way.length > Object.keys(apps).length) return undefined;
  }
  return undefined;
}
