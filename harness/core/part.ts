// The child's half of a part that runs in a process of its own (app, driver, recorder, sink, load generator).
// The parent spawns it with an IPC channel and speaks four words: `config` first, then `call`s that are answered,
// while the part sends `emit`ted events. When the parent goes away the channel closes and the part exits at once:
// nothing of ours outlives the harness.

/** What a part can do once it is connected to its parent. */
export interface PartChannel<Config> {
  /** What the parent sent with the first message. */
  readonly config: Config;
  /** Answers the parent's `call(command, data)`. A thrown error is carried to the caller. */
  onCall(command: string, handler: (data: never) => unknown): void;
  /** Sends an event to the parent's history. Never blocks. */
  emit(event: object): void;
  /** Tells the parent that the part does its work now; `info` is what `start` resolves to there. */
  ready(info?: unknown): void;
}

type FromParent = { type: 'config'; config: unknown } | { type: 'call'; id: number; command: string; data: unknown };

/** Connects this process to the harness that spawned it. Throws when there is no IPC channel. */
export function connectPart<Config>(): Promise<PartChannel<Config>> {
  if (!process.send) throw new Error('This program is a part of larsen and is started by it, not by hand.');
  const handlers = new Map<string, (data: never) => unknown>();
  process.once('disconnect', () => process.exit(0));
  // Ctrl-C in a terminal reaches the whole group; the harness decides when a part ends.
  process.on('SIGINT', () => undefined);
  return new Promise((resolve) => {
    process.on('message', (message: FromParent) => {
      if (message.type === 'call') return void answer(handlers, message);
      resolve({
        config: message.config as Config,
        onCall: (command, handler) => void handlers.set(command, handler),
        emit: (event) => void send({ type: 'event', event }),
        ready: (info) => void send({ type: 'ready', info }),
      });
    });
    send({ type: 'hello' });
  });
}

async function answer(
  handlers: Map<string, (data: never) => unknown>,
  { id, command, data }: { id: number; command: string; data: unknown },
): Promise<void> {
  try {
    const handler = handlers.get(command);
    if (!handler) throw new Error(`unknown command ${command}`);
    send({ type: 'result', id, result: await handler(data as never) });
  } catch (error) {
    send({ type: 'result', id, error: error instanceof Error ? error.message : String(error) });
  }
}

function send(message: object): void {
  if (process.connected) process.send?.(message, undefined, undefined, () => undefined);
}
