// `larsen doctor`: what this machine can run, and what is missing for the chosen engine.

import { spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { release, tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Command, Option } from 'commander';
import { describeError } from '../core/errors.ts';
import { chooseTempFolder, excessBytes } from '../core/temp-folder.ts';
import type { Cli } from './context.ts';
import { examineDocker } from './doctor-docker.ts';
import type { DoctorFinding } from './doctor-finding.ts';
import { configOption, readWord } from './options.ts';

const OLDEST_NODE: [number, number] = [20, 19];
const PROBE_TIMEOUT_MS = 3_000;

const HELP = `
Example:
  $ larsen doctor

Exit status: 0 the engine can run, 2 something that it needs is missing.`;

interface DoctorOptions {
  engine: 'process' | 'docker';
  config?: string;
  json?: true;
}

/** Adds `doctor`. */
export function addDoctor(program: Command, cli: Cli): void {
  program
    .command('doctor')
    .summary('show what this machine can run')
    .description('Shows what this machine can run and what is missing.')
    .addOption(
      new Option('--engine <engine>', 'the engine to look at')
        .argParser(readWord('process', 'docker'))
        .default('process'),
    )
    .addOption(configOption())
    .addOption(new Option('--json', 'print as JSON'))
    .addHelpText('after', HELP)
    .action(async ({ engine, json, config: file }: DoctorOptions) => {
      const config = await readConfig(cli, file ?? null);
      const findings = [...(await examine(engine, config.images)), ...config.findings];
      const isComplete = findings.every(({ state }) => state !== 'missing');
      if (json) cli.print(`${JSON.stringify({ engine, complete: isComplete, findings }, null, 2)}\n`);
      else cli.print(describeFindings(findings, { engine, isComplete }));
      cli.exit(isComplete ? 0 : 2);
    });
}

/** Looks at this machine for an engine. */
export async function examine(
  engine: 'process' | 'docker',
  images: Record<string, string> = {},
): Promise<DoctorFinding[]> {
  return [
    { name: 'engine', state: 'ok', text: engine },
    examinePlatform(),
    examineNode(process.versions.node),
    examineMkfifo(),
    examineProc(),
    examineTemporaryFolder(tmpdir()),
    ...(await examineDocker(engine === 'docker', images)),
  ];
}

/**
 * The images that larsen.config names. One that lies in the folder and cannot be read keeps nobody from looking at the
 * machine; one that was named has to be there. Throws as openWorkspace() then.
 */
async function readConfig(
  cli: Cli,
  file: string | null,
): Promise<{ images: Record<string, string>; findings: DoctorFinding[] }> {
  try {
    const { config } = await cli.openWorkspace(file);
    return { images: config.images, findings: [] };
  } catch (error) {
    if (file !== null) throw error;
    const text = `it was not taken into account: ${describeError(error)}`;
    return { images: {}, findings: [{ name: 'larsen.config', state: 'note', text }] };
  }
}

function examinePlatform(): DoctorFinding {
  const isWsl = /microsoft/i.test(release());
  const name = process.platform === 'linux' ? `Linux ${release()}${isWsl ? ' (WSL2)' : ''}` : process.platform;
  if (process.platform === 'linux') return { name: 'platform', state: 'ok', text: name };
  if (process.platform === 'darwin')
    return {
      name: 'platform',
      state: 'note',
      text: 'macOS: pipes hold another amount than on Linux, so times to block differ. Verdicts hold on Linux and WSL2',
    };
  return {
    name: 'platform',
    state: 'missing',
    text: `${name}: pipes and signals of Linux are needed. On Windows use WSL2.`,
  };
}

/** Node by its version text. */
export function examineNode(version: string): DoctorFinding {
  const [major = 0, minor = 0] = version.split('.').map(Number);
  const isNew = major > OLDEST_NODE[0] || (major === OLDEST_NODE[0] && minor >= OLDEST_NODE[1]);
  return {
    name: 'node',
    state: isNew ? 'ok' : 'missing',
    text: isNew ? version : `${version}; ${OLDEST_NODE.join('.')} or later is needed`,
  };
}

function examineMkfifo(): DoctorFinding {
  const { status, error } = spawnSync('mkfifo', ['--help'], { stdio: 'ignore', timeout: PROBE_TIMEOUT_MS });
  // BSD's mkfifo knows no --help and says so with a status; only a program that is not there sets `error`.
  const isThere = error === undefined && status !== null;
  return {
    name: 'mkfifo',
    state: isThere ? 'ok' : 'missing',
    text: isThere ? 'present' : 'not found; it comes with coreutils',
  };
}

function examineProc(): DoctorFinding {
  if (existsSync('/proc/self/stat')) return { name: '/proc', state: 'ok', text: 'present' };
  return { name: '/proc', state: 'note', text: 'not there: memory and threads of processes are not measured' };
}

/** The temporary folder: it must be writable and short enough for sockets. */
export function examineTemporaryFolder(folder: string): DoctorFinding {
  const name = 'temporary folder';
  try {
    const probe = mkdtempSync(join(folder, 'larsen-doctor-'));
    writeFileSync(join(probe, 'probe'), 'probe');
    const isWhole = readFileSync(join(probe, 'probe'), 'utf8') === 'probe';
    rmSync(probe, { recursive: true });
    if (!isWhole) throw new Error('what is written is not read back');
  } catch (error) {
    return {
      name,
      state: 'missing',
      text: `${folder} can't be written (${(error as Error).message}). Set TMPDIR to a folder that can.`,
    };
  }
  if (excessBytes(folder) <= 0) return { name, state: 'ok', text: folder };
  const short = chooseTempFolder(folder);
  if (short !== folder) return { name, state: 'ok', text: `${folder} is too long for unix sockets: ${short} is used` };
  return {
    name,
    state: 'missing',
    text: `${folder} is too long for unix sockets by ${excessBytes(folder)} bytes. Set TMPDIR to a shorter one.`,
  };
}

function describeFindings(
  findings: DoctorFinding[],
  { engine, isComplete }: { engine: string; isComplete: boolean },
): string {
  const lines = findings.map(({ name, state, text }) => `${state.padEnd(8)} ${name.padEnd(17)} ${text}`);
  const outcome = isComplete
    ? `The ${engine} engine can run here.`
    : `The ${engine} engine can't run here: see what is missing above.`;
  return `${lines.join('\n')}\n\n${outcome}\n`;
}
