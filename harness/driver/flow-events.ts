// The events that tell of one logger's flow: what an interval of its tally becomes in the history.

import type {
  AgentOwnData,
  DriverDroppedData,
  DriverFlowData,
  DriverLoggerState,
  EmittedEvent,
} from '../model/event.ts';
import type { Logger } from './logger.ts';
import type { OwnOutput } from './own-output.ts';
import type { Tally, TallyInterval } from './tally.ts';

const NS_PER_MS = 1e6;

/** What is told of the agent's own container in place of an app's flow. */
export interface OwnFlow {
  output: OwnOutput;
  /** Whether its driver sends it into the agent's own input. */
  reenters: boolean;
}

/** Events of an interval, none for what did not happen. `own`: the container is the agent itself. */
export function describeInterval(app: string, interval: TallyInterval, own: OwnFlow | null): EmittedEvent[] {
  const { read, sent, dropped } = interval;
  const drops = [...dropped].map(([reason, { lines, bytes, text, reports, reportsPayload }]) => {
    const data: DriverDroppedData & { text: string } = { reason, lines, bytes, text, reports };
    if (reportsPayload && reports > 0) data.reportsPayload = true;
    return { kind: 'driver-dropped' as const, hop: 'driver' as const, app, bytes, data: { ...data } };
  });
  return [...(own ? describeOwn(interval, own) : describeFlow(app, { read, sent })), ...drops];
}

function describeFlow(app: string, { read, sent }: Pick<TallyInterval, 'read' | 'sent'>): EmittedEvent[] {
  const event = (kind: 'driver-read' | 'driver-sent', { lines, bytes }: DriverFlowData): EmittedEvent[] =>
    lines + bytes === 0 ? [] : [{ kind, hop: 'driver', app, bytes, data: { lines, bytes } }];
  return [...event('driver-read', read), ...event('driver-sent', sent)];
}

function describeOwn({ read, sent }: TallyInterval, { output, reenters }: OwnFlow): EmittedEvent[] {
  const event = (data: AgentOwnData): EmittedEvent[] =>
    data.bytes + data.lines + data.ids === 0
      ? []
      : [{ kind: 'agent-own', hop: 'agent', bytes: data.bytes, data: { ...data } }];
  const { lines, bytes, ids, backslashRun } = sent;
  const returned: AgentOwnData = { point: 'reentered', lines, bytes, ids, backslashRunMax: backslashRun };
  return [...event(output.take(read)), ...(reenters ? event(returned) : [])];
}

/** What a logger is doing now. */
export function describeLogger(
  app: string,
  logger: Logger,
  { tally, nowNs }: { tally: Tally; nowNs: number },
): DriverLoggerState {
  const client = logger.driver?.client;
  const sinceNs = client?.writingSinceNs ?? 0;
  return {
    app,
    state: client?.state ?? 'idle',
    blockedMs: sinceNs === 0 ? 0 : (nowNs - sinceNs) / NS_PER_MS,
    heldBytes: logger.heldBytes,
    queuedMessages: logger.driver?.queued ?? 0,
    pipeFull: logger.streams.some(({ wantsRead }) => !wantsRead),
    readBytes: tally.readBytes,
    sentMessages: tally.sentMessages,
    droppedMessages: tally.droppedMessages,
  };
}
