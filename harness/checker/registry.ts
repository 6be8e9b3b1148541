// The built-in checkers. To add one: a file, its test, and a line here.

import type { CheckerDefinition } from '../model/parts.ts';
import { deadButGreen } from './dead-but-green.ts';
import { feedbackLoop } from './feedback-loop.ts';
import { fidelity } from './fidelity.ts';
import { memoryCeiling } from './memory-ceiling.ts';
import { parity } from './parity.ts';
import { privacy } from './privacy.ts';
import { recovery } from './recovery.ts';
import { socketStall } from './socket-stall.ts';

/** In the order in which results show them. */
export const checkers: CheckerDefinition[] = [
  feedbackLoop,
  socketStall,
  parity,
  fidelity,
  recovery,
  deadButGreen,
  memoryCeiling,
  privacy,
] as CheckerDefinition[];
