// Runs the commands that recipes are made of, and refuses before the first one when something is missing.

import { spawnSync } from 'node:child_process';
import { accessSync, constants } from 'node:fs';
import { delimiter, join } from 'node:path';
import { HarnessError } from '../harness/core/errors.ts';

const OUTPUT_MAX_BYTES = 67_108_864;
const TAIL_LINES = 15;

/** Runs a command to its end and returns its stdout. Throws E_IMAGES_COMMAND with the end of what it printed. */
export function runCommand(
  command: string,
  args: readonly string[],
  { cwd, env = {} }: { cwd?: string; env?: Record<string, string> } = {},
): string {
  const options = { cwd, env: { ...process.env, ...env }, encoding: 'utf8', maxBuffer: OUTPUT_MAX_BYTES } as const;
  const { status, error, stdout, stderr } = spawnSync(command, args, options);
  if (status === 0) return stdout;
  const said = `${stdout ?? ''}${stderr ?? ''}`.trim().split('\n').slice(-TAIL_LINES).join('\n');
  const how = error ? error.message : `it ended with ${status}`;
  throw new HarnessError('E_IMAGES_COMMAND', `\`${command} ${args.join(' ')}\` failed: ${how}\n${said}`);
}

/** The full path of a command, undefined: it is not on this machine. */
export function findCommand(name: string): string | undefined {
  return (process.env.PATH ?? '')
    .split(delimiter)
    .map((folder) => join(folder, name))
    .find((path) => isExecutable(path));
}

/** Throws E_IMAGES_TOOL that names each missing command and the package that brings it. */
export function requireTools(recipe: string, tools: Record<string, string>): void {
  const missing = Object.entries(tools).filter(([command]) => findCommand(command) === undefined);
  if (missing.length === 0) return;
  const how = missing.map(([command, from]) => `\`${command}\` (${from})`).join(', ');
  throw new HarnessError('E_IMAGES_TOOL', `${recipe} cannot be made here, it needs ${how}: install it and try again`);
}

function isExecutable(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}
