// The harness's half of the four words it speaks with a part (core/part.ts), whatever carries them: the IPC channel of a
// child process, or a socket into a container.

import { HarnessError } from '../../core/errors.ts';

/** What a part says. */
export type FromPart =
  | { type: 'hello' }
  | { type: 'ready'; info: unknown }
  | { type: 'event'; event: object }
  | { type: 'result'; id: number; result?: unknown; error?: string };

/** The calls to one part that are under way. */
export interface PartCalls {
  /** Takes what the part said; answers its hello with the config. */
  take(message: FromPart, options: { config: unknown; onEvent(event: object): void }): void;
  /** Resolves to what the part said when it was ready. Rejects with E_PART_START after `withinMs` (default 15 s). */
  ready(withinMs?: number): Promise<unknown>;
  /** Calls a command; rejects with E_PART_TIMEOUT after `withinMs` (default 10 s) or E_PART_GONE. */
  call<T = unknown>(command: string, data?: unknown, withinMs?: number): Promise<T>;
  /** The part is gone: every call under way is rejected. */
  fail(how: string): void;
}

interface Waiter {
  resolve(value: unknown): void;
  reject(error: Error): void;
}

/** Calls over a channel. */
export function createPartCalls(channel: {
  name: string;
  isConnected(): boolean;
  send(message: object): void;
}): PartCalls {
  const { name } = channel;
  const pending = new Map<number, Waiter>();
  let count = 0;
  let tellReady: (info: unknown) => void;
  const readyInfo = new Promise<unknown>((resolve) => {
    tellReady = resolve;
  });
  return {
    take(message, { config, onEvent }) {
      if (message.type === 'hello') channel.send({ type: 'config', config });
      else if (message.type === 'ready') tellReady(message.info);
      else if (message.type === 'event') onEvent(message.event);
      else settle(pending, message);
    },
    ready: (withinMs = 15_000) =>
      bounded(
        readyInfo,
        withinMs,
        () => new HarnessError('E_PART_START', `the ${name} process was not ready within ${withinMs} ms`),
      ),
    call<T>(command: string, data: unknown = null, withinMs = 10_000): Promise<T> {
      if (!channel.isConnected()) return Promise.reject(new HarnessError('E_PART_GONE', `the ${name} process is gone`));
      const id = ++count;
      const answer = new Promise<unknown>((resolve, reject) => void pending.set(id, { resolve, reject }));
      channel.send({ type: 'call', id, command, data });
      const late = (): HarnessError => {
        pending.delete(id);
        return new HarnessError(
          'E_PART_TIMEOUT',
          `the ${name} process did not answer \`${command}\` within ${withinMs} ms`,
        );
      };
      return bounded(answer, withinMs, late) as Promise<T>;
    },
    fail(how) {
      for (const waiter of pending.values())
        waiter.reject(new HarnessError('E_PART_GONE', `the ${name} process ${how}`));
      pending.clear();
    },
  };
}

function settle(pending: Map<number, Waiter>, message: { id: number; result?: unknown; error?: string }): void {
  const waiter = pending.get(message.id);
  pending.delete(message.id);
  if (message.error === undefined) waiter?.resolve(message.result);
  else waiter?.reject(new HarnessError('E_PART_CALL', message.error));
}

async function bounded<T>(promise: Promise<T>, withinMs: number, late: () => HarnessError): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const timeout = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(late()), withinMs);
  });
  try {
    return await Promise.race([promise, timeout]);
  } finally {
    clearTimeout(timer);
  }
}
