// What a scenario or agent asks for that the docker engine does not have: one sentence each, and the run is unknown.

import { imageOf, isNodeProgram } from '../../agents/images.ts';
import type { PartRegistry } from '../../model/engine.ts';
import type { RunPlan } from '../../model/run.ts';
import { builtInApps } from '../built-in-apps.ts';
import { LOKI_IMAGES } from './loki-config.ts';
import { TRAEFIK_FORMATS } from './traefik-container.ts';

/** The sentences; empty when it can run. */
export function findMissing(plan: RunPlan, registry: PartRegistry): string[] {
  const { topology, faults } = plan.scenario;
  const lacks: string[] = [];
  if (topology.driver.type !== undefined || plan.agent.agent === 'none')
    lacks.push("The docker engine has the daemon's own log driver only: a plugin's driver needs the process engine");
  if (topology.sink.type === 'loki' && !(topology.sink.version in LOKI_IMAGES))
    lacks.push(`The docker engine has no image of Loki for \`topology.sink.version: "${topology.sink.version}"\``);
  for (const app of Object.values(topology.apps)) {
    if (!builtInApps.has(app.type))
      lacks.push(`The docker engine has no image for app ${app.name} (\`type: ${app.type}\` of a plugin)`);
    else if (app.type === 'traefik' && !(app.shape in TRAEFIK_FORMATS))
      lacks.push(`Real Traefik does not write the shape ${app.shape} (app ${app.name})`);
    else if (app.type === 'traefik' && app.writes === 'queued')
      lacks.push(`Real Traefik writes its log blocking: app ${app.name} can't have \`writes: queued\``);
  }
  for (const { fault } of faults) {
    if (!registry.faults.get(fault)?.engines.includes('docker'))
      lacks.push(`The docker engine cannot do the fault \`${fault}\`${WHY_NOT[fault] ?? ''}`);
  }
  const { agent } = plan;
  const hasImage = agent.image !== null || agent.build !== undefined || imageOf(agent) !== null;
  if (agent.agent === 'custom' && !hasImage && !isNodeProgram(agent))
    lacks.push(
      `Agent ${agent.name} has no image: put \`image:\` or \`build:\` into its file (only plain Node programs need none)`,
    );
  return lacks;
}

/** Where there is more to say than that. */
const WHY_NOT: Partial<Record<string, string>> = {
  'driver-restart':
    ': its log driver is the daemon, and a restart would be one for every container of the host. Use the process engine',
};
