// Files of other programs that the documentation shows: daemon.json, compose, a workflow of GitHub, a unit of systemd. Each
// is read as larsen reads such files, and checked for what the page promises of it.

import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { parse } from 'yaml';
import { parseDriverOptions } from '../driver/options.ts';
import type { SetUpOptions } from '../model/run-options.ts';
import { type DockerSetUp, readSetUp } from '../scenario/docker-set-up.ts';
import { DRIVER_DEFAULTS } from '../scenario/driver-schema.ts';
import { type DocBlock, readPage } from './doc-page.ts';

/** A daemon.json that hands lines to an agent: larsen reads it, and Docker 20.10 takes its options. */
export function checkDaemonJson(text: string): string {
  checkOptions(readAs('daemon.json', text, (file) => ({ daemonJson: file, compose: null, service: null })));
  return 'daemon.json';
}

/** A compose file with an agent: the agent's own output is kept off itself, every other service goes to the agent. */
export function checkComposeFile(text: string): string {
  const { services } = parse(text) as { services: Record<string, { command?: string[] }> };
  const isAgent = (name: string): boolean => services[name]?.command?.includes('--config') === true;
  const names = Object.keys(services);
  if (!names.some(isAgent)) throw new Error('no service starts the agent with a config');
  for (const service of names) {
    const setUp = readAs('compose.yaml', text, (file) => ({ daemonJson: null, compose: file, service }));
    if (isAgent(service) === (setUp.driver === 'fluentd'))
      throw new Error(`the log of ${service} goes to ${setUp.driver}`);
    if (!isAgent(service)) checkOptions(setUp);
    else if (setUp.options['max-size'] === undefined) throw new Error(`the log of ${service} has no max-size`);
  }
  return 'compose';
}

function readAs(name: string, text: string, options: (file: string) => SetUpOptions): DockerSetUp {
  const folder = mkdtempSync(join(tmpdir(), 'larsen-set-up-'));
  try {
    writeFileSync(join(folder, name), text);
    return readSetUp(options(join(folder, name)), {})!;
  } finally {
    rmSync(folder, { recursive: true });
  }
}

function checkOptions({ driver, options: { 'fluentd-address': address = '', ...options } }: DockerSetUp): void {
  if (driver !== 'fluentd' || !address.startsWith('unix:///')) throw new Error(`${driver} to ${address}`);
  parseDriverOptions({ ...DRIVER_DEFAULTS, name: 'fluentd', docker: '20.10', options });
}

interface WorkflowStep {
  uses: string;
  with: Record<string, unknown>;
}

/** Steps of a workflow that use the action of this project, with inputs that it has. */
export function checkWorkflowSteps(value: unknown): string {
  const { inputs } = parse(readPage('action.yml')) as { inputs: Record<string, unknown> };
  for (const step of value as WorkflowStep[]) {
    const wrong = Object.keys(step.with).filter((input) => !(input in inputs));
    if (step.uses !== './larsen' || wrong.length > 0) throw new Error(`the action has no input ${wrong.join(', ')}`);
  }
  return 'steps';
}

/** A unit: sections and lines of one, and where systemd is installed what its own check says of it. */
export function checkSystemdUnit({ text, file }: DocBlock): string {
  const odd = text.split('\n').find((line) => !/^(|#.*|\[(Unit|Service|Install)\]|[A-Z]\w+=\S.*)$/.test(line));
  if (odd !== undefined) throw new Error(`no line of a unit: ${odd}`);
  for (const part of ['[Unit]', '[Service]', '[Install]', 'ExecStart='])
    if (!text.includes(part)) throw new Error(part);
  const folder = mkdtempSync(join(tmpdir(), 'larsen-unit-'));
  try {
    const unit = join(folder, basename(file));
    writeFileSync(unit, text.replaceAll(/=\/usr\/local\/bin\/larsen-agent/g, `=${process.execPath}`));
    const { stderr, error } = spawnSync('systemd-analyze', ['verify', '--man=no', unit], { encoding: 'utf8' });
    const told = error ? [] : stderr.split('\n').filter((line) => line.includes(basename(file)));
    if (told.length > 0) throw new Error(told.join('\n'));
  } finally {
    rmSync(folder, { recursive: true });
  }
  return 'unit';
}
