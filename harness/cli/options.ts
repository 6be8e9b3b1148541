// Options that several commands share, and how their values are read: checked here, so that what stands behind the
// command line gets numbers and known words only.

import { InvalidArgumentError, Option } from 'commander';
import { HarnessError } from '../core/errors.ts';
import { AVAILABLE_ENGINES, type RunOptions, type SetUpOptions } from '../model/run-options.ts';
import { suggest } from '../scenario/nearest.ts';

/** `--config FILE`. */
export function configOption(): Option {
  return new Option('--config <file>', 'larsen.config to use (default: the one in this folder, if any)');
}

/** `--json`. */
export function jsonOption(): Option {
  return new Option('--json', 'print the result as JSON on stdout, and nothing else there');
}

/** `--fail-on invalid|unknown`. */
export function failOnOption(): Option {
  return new Option('--fail-on <verdict>', 'unknown: an unknown verdict fails too; invalid: only an invalid one')
    .argParser(readWord('invalid', 'unknown'))
    .default('unknown');
}

/** `--out DIR`. */
export function outOption(): Option {
  return new Option('--out <dir>', 'folder for results (default: a new one in reports/runs/)');
}

/** `--profile NAME`. */
export function profileOption(): Option {
  return new Option('--profile <name>', 'variant of the scenarios, such as quick or soak');
}

/** `--retry-unknown N`. */
export function retryUnknownOption(): Option {
  return new Option(
    '--retry-unknown <n>',
    'how often an unknown run is tried again (default: 0; 1 when CI=true)',
  ).argParser(readInteger(0));
}

/** `--daemon-json FILE`. */
export function daemonJsonOption(): Option {
  return new Option('--daemon-json <file>', 'take the log driver and its options from this daemon.json');
}

/** `--compose FILE`. */
export function composeOption(): Option {
  return new Option('--compose <file>', 'take the log driver and its options from a service of this compose file');
}

/** `--service NAME`. */
export function serviceOption(): Option {
  return new Option('--service <name>', 'the service of --compose that writes the logs');
}

/** What these options say. Throws where they do not fit together. */
export function readSetUpFlags({ daemonJson, compose, service }: SetUpFlags): SetUpOptions | undefined {
  if (service !== undefined && compose === undefined)
    throw createArgumentError('--service names a service of a compose file: add `--compose FILE`');
  if (daemonJson === undefined && compose === undefined) return undefined;
  return { daemonJson: daemonJson ?? null, compose: compose ?? null, service: service ?? null };
}

/** The flags of these three. */
export interface SetUpFlags {
  daemonJson?: string;
  compose?: string;
  service?: string;
}

/** `--engine ENGINE`. */
export function engineOption(): Option {
  return new Option('--engine <engine>', 'where it runs: process or docker').argParser(readEngine).default('process');
}

function readEngine(value: string): RunOptions['engine'] {
  return readWord(...AVAILABLE_ENGINES)(value);
}

/** Reads an integer from `min` on. */
export function readInteger(min: number): (value: string) => number {
  return (value) => {
    const number = /^\d{1,16}$/.test(value) ? Number(value) : Number.NaN;
    if (Number.isSafeInteger(number) && number >= min) return number;
    throw new InvalidArgumentError(`Expected an integer of ${min} or more.`);
  };
}

/** Reads one of a few words. */
export function readWord<Word extends string>(...words: Word[]): (value: string) => Word {
  return (value) => {
    const word = words.find((known) => known === value);
    if (word !== undefined) return word;
    throw new InvalidArgumentError(`Expected ${words.join(' or ')}.${suggest(value, words)}`);
  };
}

/** Collects the values of an option that may be given several times or with several values. */
export function collect(value: string, previous: string[] | undefined): string[] {
  if (value === '') throw new InvalidArgumentError('Expected a name.');
  return [...(previous ?? []), value];
}

/** Bad arguments that only show once names are looked up. */
export function createArgumentError(message: string): HarnessError {
  return new HarnessError('E_ARGUMENT_INVALID', message);
}
