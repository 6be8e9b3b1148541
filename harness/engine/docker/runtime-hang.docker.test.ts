// The container runtime itself: what hangs behind a frozen agent is found, and without one nothing does.

import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { parse, stringify } from 'yaml';
import { describeDocker } from '../../testing/docker.ts';
import { createDockerRuns, LOCAL_IMAGES } from '../../testing/docker-runs.ts';
import { PACKAGE_DIR } from '../package-dir.ts';

const { run, folder } = createDockerRuns({ 'grafana/loki': LOCAL_IMAGES.loki });
const { loki, node } = LOCAL_IMAGES;

describeDocker('the container runtime', [loki, node], () => {
  it('does not answer stop, kill, rm and inspect of a container behind a frozen agent', async () => {
    const { findings, checks, ledger } = await run('stall/runtime-hang');
    expect(findings.map(({ checker, class: kind, hop }) => `${checker}/${kind}@${hop}`)).toEqual([
      'socket-stall/runtime-hang@driver',
    ]);
    const { numbers } = checks['socket-stall']!;
    for (const command of ['stop', 'kill', 'rm', 'inspect'])
      expect(numbers[`runtime.${command}MaxMs`], command).toBeGreaterThan(6_000);
    for (const command of ['ps', 'logs', 'start', 'start-other'])
      expect(numbers[`runtime.${command}MaxMs`], command).toBeLessThan(6_000);
    expect(ledger.total.storedLines).toBe(ledger.total.dueLines);
  });

  it('answers everything while the agent reads', async () => {
    const scenario = parse(readFileSync(join(PACKAGE_DIR, 'scenarios/stall/runtime-hang.yaml'), 'utf8')) as object;
    const load = [{ to: 'busy', kind: 'lines', until: '12s', rate: [{ at: '0s', perSecond: 100 }], sizes: ['300B'] }];
    const file = join(folder, 'no-fault.yaml');
    writeFileSync(file, stringify({ ...scenario, load, faults: [], controls: [], profiles: {} }));
    const { verdict, reasons, checks } = await run(file);
    expect({ verdict, reasons }).toEqual({ verdict: 'valid', reasons: [] });
    expect(checks['socket-stall']!.numbers['runtime.rmMaxMs']).toBeLessThan(6_000);
  });
});
