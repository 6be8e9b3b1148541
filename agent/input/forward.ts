// The Forward input: listens at a unix socket or a TCP port and hands the records of all connections to one sink.
// It never stops reading on its own; the buffer asks it to (`setPaused`) when its policy is to block.

import { ForwardScanner } from '../codec/forward-scanner.ts';
import type { Connection, ConnectionHandler, Listener, TlsFiles } from '../ports.ts';
import { refuseOverLimit } from './connection-limit.ts';
import { type CloseReason, ForwardConnection, type ForwardShared } from './forward-connection.ts';
import { Handshake } from './forward-handshake.ts';
import type { Input, InputParts } from './input.ts';

/** Settings of a Forward input, see config/schema.ts. */
export interface ForwardSettings {
  url: string;
  socketMode?: number | undefined;
  tls?: TlsFiles | undefined;
  security?: { sharedKey: string; users: Readonly<Record<string, string>>; hostname?: string | undefined } | undefined;
  heartbeat: boolean;
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
    connections: new Set(),
    clock: parts.ports.clock,
    createHandshake: createHandshakes(settings, parts),
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
    if (refuseOverLimit(settings, connections.size, parts)) return undefined;
    connections.add(connection);
    totals.connections++;
    if (paused) connection.pause();
    return new ForwardConnection(connection, shared);
  };
  const readBuffer = memory.bytes.subarray(memory.readStart, memory.readStart + memory.readBytes);
  const listener: Listener = await parts.ports.net.listen({
    url: settings.url,
    socketMode: settings.socketMode,
    tls: settings.tls,
    readBuffer,
    accept,
  });
  const heartbeat = settings.heartbeat ? await answerHeartbeats(listener, parts) : undefined;
  return {
    url: listener.url,
    get connections() {
      return connections.size;
    },
    setPaused(now) {
      paused = now;
      for (const connection of connections) now ? connection.pause() : connection.resume();
    },
    async stopAccepting() {
      await heartbeat?.close();
      await listener.close();
    },
    close() {
      for (const connection of [...connections]) connection.close();
    },
  };
}

function createHandshakes(
  { security }: ForwardSettings,
  { ports, instance }: InputParts,
): (() => Handshake) | undefined {
  if (security === undefined) return undefined;
  const settings = { ...security, hostname: security.hostname ?? instance };
  return () => new Handshake(settings, (count) => ports.random.bytes(count));
}

/** Old senders ask over UDP whether anybody is there: a byte for a byte. */
async function answerHeartbeats(listener: Listener, { ports, counters }: InputParts): Promise<Listener> {
  try {
    return await ports.net.listenDatagrams({
      url: listener.url.replace(/^tcp:/, 'udp:'),
      take(datagram, reply) {
        counters.totals.ignored++;
        if (datagram.length === 1 && datagram[0] === 0) reply(datagram.slice());
      },
    });
  } catch (error) {
    await listener.close();
    throw error;
  }
}

const CLOSE_TEXTS: Readonly<Record<CloseReason, string>> = {
  handshake: 'the sender did not prove that it knows the shared key, or not in time',
  compression: 'its payload is compressed with zstd, which is not supported: set the sender to gzip or to none',
  undecodable: 'its bytes are not the Forward protocol',
  'too-large': 'a message is larger than messageMax',
  'unread-acks': 'the sender asks for acks and does not read them',
  memory: 'unfinished messages of all connections take too much memory',
};
