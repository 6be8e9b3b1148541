// A part of ours that runs in a container: the same program as in a process, its four words carried by a socket in
// the run's folder, its stdout the container's own and so in the hands of the daemon's log driver.

import { chmodSync } from 'node:fs';
import { createServer, type Server, type Socket } from 'node:net';
import { join } from 'node:path';
import { programPath } from '../../core/program-path.ts';
import type { EmittedEvent } from '../../model/event.ts';
import { createPartCalls, type FromPart } from '../shared/part-calls.ts';
import type { RunContainer } from './container.ts';
import { createFrameReader, encodeFrame } from './frames.ts';
import type { RunBed } from './run-bed.ts';
import { whileRunning } from './while-running.ts';

/** A part in a container. */
export interface ContainerPart {
  readonly container: RunContainer;
  readonly info: unknown;
  call<T = unknown>(command: string, data?: unknown, withinMs?: number): Promise<T>;
}

/** What is needed to start one. */
export interface ContainerPartOptions {
  name: string;
  /** Path of its program, which is the same inside. */
  main: string;
  config: unknown;
  /** Creates the container from command and environment. */
  create(command: string[], env: Record<string, string>): Promise<RunContainer>;
  onEvent(event: EmittedEvent): void;
}

/** Starts it and resolves when it is ready. Throws E_PART_START. */
export async function startContainerPart(bed: RunBed, options: ContainerPartOptions): Promise<ContainerPart> {
  const path = join(bed.socketDir, `${options.name}.part`);
  let socket: Socket | null = null;
  const calls = createPartCalls({
    name: `app ${options.name}`,
    isConnected: () => socket !== null,
    send: (message) => void socket?.write(encodeFrame(message)),
  });
  const server = await listen(path, (connected) => {
    socket = connected;
    const take = (message: FromPart): void =>
      calls.take(message, { config: options.config, onEvent: (event) => options.onEvent(event as EmittedEvent) });
    connected.on('data', createFrameReader(take as (message: never) => void));
    connected.on('error', () => undefined);
    connected.once('close', () => {
      socket = null;
      calls.fail('ended');
    });
  });
  bed.space.onDispose(() => {
    socket?.destroy();
    server.close();
  });
  const link = programPath('./part-link.js', import.meta.url);
  const container = await options.create(['node', '--import', link, options.main], { LARSEN_PART_SOCKET: path });
  await container.start();
  return { container, info: await whileRunning(container, calls.ready()), call: calls.call };
}

function listen(path: string, onConnection: (socket: Socket) => void): Promise<Server> {
  return new Promise((resolve, reject) => {
    const server = createServer(onConnection);
    server.once('error', reject);
    server.listen(path, () => {
      chmodSync(path, 0o777);
      resolve(server);
    });
  });
}
