// The faults that are built in. To add one: one file, its test, one line here.

import type { FaultDefinition } from '../model/parts.ts';
import { agentFreeze } from './agent-freeze.ts';
import { agentKill } from './agent-kill.ts';
import { agentSlow } from './agent-slow.ts';
import { diskFull } from './disk-full.ts';
import { driverRestart } from './driver-restart.ts';
import { sinkDown } from './sink-down.ts';
import { sinkReset } from './sink-reset.ts';
import { sinkSilent } from './sink-silent.ts';
import { sinkSlow } from './sink-slow.ts';
import { sinkStatus } from './sink-status.ts';

/** Every built-in fault, in order of name. */
export const faults: FaultDefinition[] = [
  agentFreeze,
  agentKill,
  agentSlow,
  diskFull,
  driverRestart,
  sinkDown,
  sinkReset,
  sinkSilent,
  sinkSlow,
  sinkStatus,
];
