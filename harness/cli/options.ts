// Options that several commands share, and how their values are read: checked here, so that what stands behind the
// command line gets numbers and known words only.

import { InvalidArgumentError, Option } from 'commander';
import { HarnessError } from '../core/errors.ts';
import { AVAILABLE_ENGINES, type RunOptions } from '../model/run-options.ts';
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

/** `--engine ENGINE`. */
export function engineOption(): Option {
  return new Option('--engine <engine>', 'where it runs: process').argParser(readEngine).default('process');
}

function readEngine(value: string): RunOptions['engine'] {
  if (value === 'docker') throw new InvalidArgumentError('It is not in this version of larsen yet.');
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
