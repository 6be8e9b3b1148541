// How larsen knows what is its own: every container, network and volume carries these labels, and nothing without
// them is ever touched.

import { processStartTime } from '../shared/process-table.ts';

/** The run something belongs to. */
export const RUN_LABEL = 'larsen.run';
/** The harness process that made it: `<pid>/<start time>`, so that the next start knows what is left behind. */
export const OWNER_LABEL = 'larsen.owner';
/** What it is in the run: app, agent, sink, canary, probe. */
export const ROLE_LABEL = 'larsen.role';
/** Socket of the agent that its log driver sends to: where a rescue has to listen. */
export const SOCKET_LABEL = 'larsen.socket';

/** The labels of a run. */
export function labelsOf(run: string, role: string, socket = ''): Record<string, string> {
  return {
    [RUN_LABEL]: run,
    [OWNER_LABEL]: ownerOf(process.pid),
    [ROLE_LABEL]: role,
    ...(socket && { [SOCKET_LABEL]: socket }),
  };
}

/** How a harness process is named as an owner. */
export function ownerOf(pid: number): string {
  return `${pid}/${processStartTime(pid) ?? '?'}`;
}

/** Whether the harness process of an owner label is certainly gone; an unreadable label is nobody's business. */
export function isOrphan(owner: string | undefined): boolean {
  const match = /^(\d+)\/(\d+|\?)$/.exec(owner ?? '');
  return match !== null && processStartTime(Number(match[1])) !== match[2];
}
