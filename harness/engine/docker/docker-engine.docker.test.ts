// The docker engine against a real engine: a frozen agent behind the daemon's own driver is found when the driver is
// synchronous and harmless when it is not, and a larsen that is killed leaves nothing beyond its next start.

import { type ChildProcess, spawn } from 'node:child_process';
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { sleep } from '../../core/real-clock.ts';
import type { RunResult } from '../../model/run.ts';
import { describeDocker, docker } from '../../testing/docker.ts';
import { createDockerRuns, LOCAL_IMAGES, leftovers } from '../../testing/docker-runs.ts';
import { OWNER_LABEL } from './labels.ts';

const { command, folder, run: runAny } = createDockerRuns({ 'grafana/loki': LOCAL_IMAGES.loki });
const larsen = (scenario: string): Promise<RunResult> => runAny(scenario, '--profile', 'quick');

describeDocker('the docker engine', Object.values(LOCAL_IMAGES), () => {
  it('brings every line of a spike through real Traefik, the real driver and real Loki', async () => {
    const run = await larsen('spike/viral-video');
    expect(run.reasons).toEqual([]);
    expect(run).toMatchObject({ verdict: 'valid', engine: 'docker', findings: [] });
    expect(run.ledger.total.storedLines).toBe(run.ledger.total.dueLines);
  });

  it('sees real Traefik hang when the agent behind a synchronous driver is frozen', async () => {
    const file = join(folder, 'traefik.yaml');
    writeFileSync(file, HANGING_PROXY);
    const run = await larsen(file);
    const freeze = run.findings.find(({ class: kind }) => kind === 'freeze');
    expect(freeze).toMatchObject({ checker: 'socket-stall', hop: 'agent' });
    // 1.22 MB measured on Docker 20.10 (docs/calibration.md), and what the daemon's next slice may take.
    expect(freeze!.numbers.bytesFromFaultToBlock).toBeGreaterThan(1_000_000);
    expect(freeze!.numbers.bytesFromFaultToBlock).toBeLessThan(2_300_000);
    expect(freeze!.numbers.blockedMs).toBeGreaterThan(2_000);
    expect(run.verdict).toBe('invalid');
    expect(await leftovers()).toEqual([]);
  });

  describe('a frozen agent', () => {
    it('harms nobody behind an asynchronous driver, and every line arrives', async () => {
      const run = await larsen('stall/frozen-agent');
      expect(run.reasons).toEqual([]);
      expect(run).toMatchObject({ verdict: 'valid', engine: 'docker', findings: [] });
      expect(run.ledger.total.storedLines).toBe(run.ledger.total.dueLines);
      expect(await leftovers()).toEqual([]);
    });

    it('freezes an app behind a synchronous one after a megabyte, more or less', async () => {
      const file = join(folder, 'synchronous.yaml');
      writeFileSync(file, SYNCHRONOUS);
      const run = await larsen(file);
      const [finding] = run.findings;
      expect(finding).toMatchObject({ checker: 'socket-stall', class: 'freeze' });
      // 1.05 MB in the daemon's pipe, 0.13 MB in buffers of shim and kernel, what the socket takes (docs/calibration.md).
      expect(finding!.numbers.bytesFromFaultToBlock).toBeGreaterThan(1_000_000);
      expect(finding!.numbers.bytesFromFaultToBlock).toBeLessThan(2_300_000);
      expect(await leftovers()).toEqual([]);
    });
  });

  describe('killed in the middle of a frozen run', () => {
    const file = join(folder, 'killed.yaml');
    writeFileSync(file, SYNCHRONOUS);
    const startFrozen = async (): Promise<ChildProcess> => {
      const child = spawn(process.execPath, command(file, '--profile', 'quick').words, { stdio: 'ignore' });
      await waitFor(async () => (await paused()) > 0);
      await sleep(4_000);
      return child;
    };

    it('leaves nothing running: its watch removes all of it within seconds', async () => {
      const child = await startFrozen();
      expect((await leftovers()).length).toBeGreaterThan(4);
      await killHard(child);
      await waitFor(async () => (await leftovers()).length === 0);
      expect(await leftovers()).toEqual([]);
    });

    it('is cleaned up at the next start where its watch was killed as well', async () => {
      const child = await startFrozen();
      for (const pid of watchesOf(child.pid!)) process.kill(pid, 'SIGKILL');
      await killHard(child);
      await sleep(2_000);
      expect((await leftovers()).length).toBeGreaterThan(4);
      const run = await larsen('stall/frozen-agent');
      expect(run.verdict).toBe('valid');
      expect(await leftovers()).toEqual([]);
    });
  });
});

const SYNCHRONOUS = `title: A frozen agent behind a synchronous driver
severity: critical
topology:
  apps: { busy: { type: emitter, shape: plain, writes: blocking } }
  driver: { docker: "20.10", async: false }
load:
  - { to: busy, kind: lines, until: 9s, rate: [{ at: 0s, perSecond: 500 }], sizes: [1KiB] }
faults: [{ at: 2s, for: 5s, fault: agent-freeze }]
profiles: { quick: {} }
`;

/** About 0.45 MB of access log a second: the daemon takes 1.2 MB of it before Traefik blocks. */
const HANGING_PROXY = `title: A frozen agent behind a synchronous driver, and Traefik in front of an app
severity: critical
topology:
  apps:
    web: { type: traefik, backend: media, shape: traefik-json }
    media: { type: peertube, shape: peertube-json, with: { bodyBytes: 1024 } }
  driver: { docker: "20.10", async: false }
load:
  - { to: web, kind: http, path: "/static/{id}", until: 11s, rate: [{ at: 0s, perSecond: 500 }] }
faults: [{ at: 2s, for: 8s, fault: agent-freeze }]
profiles: { quick: {} }
`;

/** The processes that watch over a larsen's containers. */
function watchesOf(parent: number): number[] {
  return readdirSync('/proc')
    .map(Number)
    .filter((pid) => {
      try {
        const isChild = new RegExp(`^PPid:\\s*${parent}$`, 'm').test(readFileSync(`/proc/${pid}/status`, 'utf8'));
        return isChild && readFileSync(`/proc/${pid}/cmdline`, 'utf8').includes('docker/watchdog.js');
      } catch {
        return false;
      }
    });
}

const paused = async (): Promise<number> =>
  (await docker.listContainers({ filters: { label: [OWNER_LABEL], status: ['paused'] } })).length;

async function waitFor(isTrue: () => Promise<boolean>): Promise<void> {
  for (let tries = 0; tries < 600; tries++) {
    if (await isTrue()) return;
    await sleep(100);
  }
  throw new Error('it did not come about within a minute');
}

function killHard(child: ChildProcess): Promise<void> {
  return new Promise((resolve) => {
    child.once('exit', () => resolve());
    child.kill('SIGKILL');
  });
}
