// Every kind of input: one line each. Its section is beside this file, what starts it in input/registry.ts.

import { z } from 'zod';
import { forwardInput } from './input-forward.ts';
import { journaldInput } from './input-journald.ts';
import { gelfInput, syslogInput } from './input-lines.ts';
import { tailInput } from './input-tail.ts';

/** One of `inputs[]`. */
export const inputSection = z.discriminatedUnion('type', [
  forwardInput,
  gelfInput,
  journaldInput,
  syslogInput,
  tailInput,
]);
