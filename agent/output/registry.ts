// Every kind of output, by the `type` of its section in config/outputs.ts.

import type { Output } from '../model.ts';
import type { Ports } from '../ports.ts';
import { createElasticsearchOutput } from './elasticsearch.ts';
import { createForwardOutput } from './forward.ts';
import { createGelfOutput } from './gelf.ts';
import { createFileOutput, createNullOutput, createStdoutOutput } from './local.ts';
import { createLokiOutput } from './loki.ts';
import { createSplunkOutput } from './splunk.ts';

const OUTPUTS = {
  loki: createLokiOutput,
  forward: createForwardOutput,
  elasticsearch: createElasticsearchOutput,
  splunk: createSplunkOutput,
  gelf: createGelfOutput,
  file: createFileOutput,
  stdout: createStdoutOutput,
  null: (_settings: object, _ports: Ports) => createNullOutput(),
};

/** The settings of an output: those of its type. */
export type OutputSettings = {
  [Type in keyof typeof OUTPUTS]: { type: Type } & Parameters<(typeof OUTPUTS)[Type]>[0];
}[keyof typeof OUTPUTS];

/** Creates the output that the settings ask for. */
export function createOutput(settings: OutputSettings, ports: Ports): Output {
  const create = OUTPUTS[settings.type] as (settings: OutputSettings, ports: Ports) => Output;
  return create(settings, ports);
}
