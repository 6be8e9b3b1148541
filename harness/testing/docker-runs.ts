// Whole runs of larsen on the docker engine, as a user starts them, each with a config and a folder of its own, and what
// they leave behind.

import { execFile } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll } from 'vitest';
import { OWNER_LABEL } from '../engine/docker/labels.ts';
import { PACKAGE_DIR } from '../engine/package-dir.ts';
import type { Result, RunResult } from '../model/run.ts';
import { docker } from './docker.ts';

/** Images that CI makes by itself. */
export const LOCAL_IMAGES = {
  loki: 'grafana/loki:1.6.1',
  traefik: 'traefik:v3.6.12',
  node: `larsen/node:${process.versions.node}`,
};

/** Runs in one test file. */
export interface DockerRuns {
  /** Folder for files of the test. */
  readonly folder: string;
  /** What node is called with for one scenario, and where its results will be. */
  command(scenario: string, ...options: string[]): { words: string[]; out: string };
  /** Runs one scenario and gives back its only run. */
  run(scenario: string, ...options: string[]): Promise<RunResult>;
}

const BIN = join(PACKAGE_DIR, 'harness/cli/bin.mjs');
const RUN_WITHIN_MS = 110_000;

/** `images`: of larsen.config. */
export function createDockerRuns(images: Record<string, string>): DockerRuns {
  const folder = mkdtempSync(join(tmpdir(), 'docker-runs-'));
  afterAll(() => rmSync(folder, { recursive: true, force: true }));
  const config = join(folder, 'larsen.config.yaml');
  writeFileSync(config, `images: ${JSON.stringify(images)}\n`);
  let outs = 0;
  const command: DockerRuns['command'] = (scenario, ...options) => {
    const out = join(folder, `out${outs++}`);
    const fixed = ['--engine', 'docker', '--retry-unknown', '1', '--seed', '7', '--quiet', '--config', config];
    return { words: [BIN, 'run', scenario, ...fixed, '--out', out, ...options], out };
  };
  return {
    folder,
    command,
    async run(scenario, ...options) {
      const { words, out } = command(scenario, ...options);
      await new Promise<void>((resolve) =>
        execFile(process.execPath, words, { timeout: RUN_WITHIN_MS }, () => resolve()),
      );
      const { runs } = JSON.parse(readFileSync(join(out, 'result.json'), 'utf8')) as Result;
      return runs[0]!;
    },
  };
}

/** Names of all containers, networks and volumes that carry larsen's labels. */
export async function leftovers(): Promise<string[]> {
  const filters = { label: [OWNER_LABEL] };
  const containers = await docker.listContainers({ all: true, filters });
  const networks = await docker.listNetworks({ filters });
  const volumes = await docker.listVolumes({ filters });
  return [
    ...containers.map(({ Names, Id }) => Names[0] ?? Id),
    ...networks.map(({ Name }) => Name),
    ...(volumes.Volumes ?? []).map(({ Name }) => Name),
  ];
}
