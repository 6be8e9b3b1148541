// Every kind of output, by the `type` of its section in config/outputs.ts.

import type { Output } from '../model.ts';
import type { Ports } from '../ports.ts';
import { createLokiOutput } from './loki.ts';

const OUTPUTS = { loki: createLokiOutput };

/** The settings of an output: those of its type. */
export type OutputSettings = {
  [Type in keyof typeof OUTPUTS]: { type: Type } & Parameters<(typeof OUTPUTS)[Type]>[0];
}[keyof typeof OUTPUTS];

/** Creates the output that the settings ask for. */
export function createOutput(settings: OutputSettings, ports: Ports): Output {
  const create = OUTPUTS[settings.type] as (settings: OutputSettings, ports: Ports) => Output;
  return create(settings, ports);
}
