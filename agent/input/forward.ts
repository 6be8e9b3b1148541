// The Forward input: listens at a unix socket or a TCP port and hands the records of all connections to one sink.
// It never stops reading on its own; the buffer asks it to (`setPaused`) when its policy is to block.

import { ForwardScanner } from '../codec/forward-scanner.ts';
import type { Connection, ConnectionHandler, Listener } from '../ports.ts';
import { type CloseReason, ForwardConnection, type ForwardShared } from './forward-connection.ts';
import type { Input, InputParts } from './input.ts';

/** Settings of a Forward input, see config/schema.ts. */
export interface ForwardSettings {
  url: string;
  socketMode?: number | undefined;
  messageMax: number;
  decompressedMax: number;
  connectionsMax: number;
}

/** Starts to listen. Rejects with `E_LISTEN` when the address cannot be used. */
export async function startForwardInput(settings: ForwardSettings, parts: InputParts): Promise<Input> {
  const { memory, counters, log } = parts;
  const { totals } = counters;
  const connections = new Set<Connection>();
  let paused = false;
  const shared: ForwardShared = {
    scanner: new ForwardScanner(settings.messageMax),
    sink: parts.records,
    keeper: parts.keeper,
    arena: memory.bytes,
    readStart: memory.readStart,
    headroom: memory.readStart,
    messageMax: settings.messageMax,
    decompressedMax: settings.decompressedMax,
    pendingMax: 4 * settings.messageMax,
    pendingBytes: 0,
    count: (what, by) => {
      totals[what] += by;
    },
    closed: (connection, reason) => {
      connections.delete(connection);
      if (reason === undefined) return;
      totals.connectionsClosed++;
      log.warn('W_CONNECTION_CLOSED', `closed a connection to ${settings.url}: ${CLOSE_TEXTS[reason]}`);
    },
  };
  const accept = (connection: Connection): ConnectionHandler | undefined => {
    if (connections.size >= settings.connectionsMax) {
      totals.connectionsRefused++;
      log.warn(
        'W_CONNECTION_REFUSED',
        `refused a connection to ${settings.url}: all ${settings.connectionsMax} allowed by connectionsMax are taken`,
      );
      return undefined;
    }
    connections.add(connection);
    totals.connections++;
    if (paused) connection.pause();
    return new ForwardConnection(connection, shared);
  };
  const readBuffer = memory.bytes.subarray(memory.readStart, memory.readStart + memory.readBytes);
  const listener: Listener = await parts.ports.net.listen({
    url: settings.url,
    socketMode: settings.socketMode,
    readBuffer,
    accept,
  });
  return {
    url: listener.url,
    get connections() {
      return connections.size;
    },
    setPaused(now) {
      paused = now;
      for (const connection of connections) now ? connection.pause() : connection.resume();
    },
    stopAccepting: () => listener.close(),
    close() {
      for (const connection of [...connections]) connection.close();
    },
  };
}

const CLOSE_TEXTS: Readonly<Record<CloseReason, string>> = {
  undecodable: 'its bytes are not the Forward protocol',
  'too-large': 'a message is larger than messageMax',
  'unread-acks': 'the sender asks for acks and does not read them',
  memory: 'unfinished messages of all connections take too much memory',
};
