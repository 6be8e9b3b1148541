// Every kind of input, by the `type` of its section in config/inputs.ts.

import { startForwardInput } from './forward.ts';
import { startGelfInput } from './gelf.ts';
import type { Input, InputParts, StartInput } from './input.ts';
import { startJournaldInput } from './journald.ts';
import { startSyslogInput } from './syslog.ts';
import { startTailInput } from './tail.ts';

const INPUTS = {
  forward: startForwardInput,
  gelf: startGelfInput,
  journald: startJournaldInput,
  syslog: startSyslogInput,
  tail: startTailInput,
};

/** The settings of an input: those of its type. */
export type InputSettings = {
  [Type in keyof typeof INPUTS]: { type: Type } & Parameters<(typeof INPUTS)[Type]>[0];
}[keyof typeof INPUTS];

/** Starts the input that the settings ask for. */
export function startInput(settings: InputSettings, parts: InputParts): Promise<Input> {
  const start = INPUTS[settings.type] as StartInput<InputSettings>;
  return start(settings, parts);
}
