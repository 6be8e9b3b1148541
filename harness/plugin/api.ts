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

/** What a plugin's function is given; the same as what it can import from 'larsen'. */
export interface Larsen {
  /** A program that writes lines. */
  defineApp: typeof defineApp;
  /** A property to judge. */
  defineChecker: typeof defineChecker;
  /** A log driver in place of ours. */
  defineDriver: typeof defineDriver;
  /** A way to misbehave. */
  defineFault: typeof defineFault;
  /** A scenario with types. */
  defineScenario: typeof defineScenario;
  /** How a line looks. */
  defineShape: typeof defineShape;
  /** A sink or relay. */
  defineSink: typeof defineSink;
  /** zod, for parameters. */
  z: typeof z;
}

/** The library as plugins see it. */
export const larsen: Larsen = {
  defineApp,
  defineChecker,
  defineDriver,
  defineFault,
  defineScenario,
  defineShape,
  defineSink,
  z,
};
