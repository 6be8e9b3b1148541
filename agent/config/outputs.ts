// Every kind of output: one line each. Its section is beside this file, what creates it in output/registry.ts.

import { z } from 'zod';
import { lokiOutput } from './output-loki.ts';
import {
  elasticsearchOutput,
  fileOutput,
  forwardOutput,
  gelfOutput,
  nullOutput,
  splunkOutput,
  stdoutOutput,
} from './output-others.ts';

/** One of `outputs[]`. */
export const outputSection = z.discriminatedUnion('type', [
  lokiOutput,
  forwardOutput,
  elasticsearchOutput,
  splunkOutput,
  gelfOutput,
  fileOutput,
  stdoutOutput,
  nullOutput,
]);

/** The settings of one output. */
export type OutputSettings = z.infer<typeof outputSection>;
