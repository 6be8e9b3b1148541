// What a plugin gets, as the argument of its function and as `import … from 'larsen'`: the define calls and zod for
// parameters.

import { z } from 'zod';
import {
  defineApp,
  defineChecker,
  defineDriver,
  defineFault,
  defineScenario,
  defineShape,
  defineSink,
} from './define.ts';

/** The library as plugins see it. */
export const larsen = {
  defineApp,
  defineChecker,
  defineDriver,
  defineFault,
  defineScenario,
  defineShape,
  defineSink,
  z,
} as const;

/** The type of a plugin's argument. */
export type Larsen = typeof larsen;
