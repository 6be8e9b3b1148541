// What inputs of single messages (syslog, GELF) share: connections cut into messages, datagrams, the pauses of `block`, and
// the count of what was lost to them.

import assert from 'node:assert/strict';
import { Framer, type Framing } from '../codec/framer.ts';
import type { Connection, ConnectionHandler, Listener, TlsFiles } from '../ports.ts';
import { refuseOverLimit } from './connection-limit.ts';
import type { Input, InputParts } from './input.ts';

/** Where such an input listens, and within which bounds. */
export interface LineInputSettings {
  url: string;
  socketMode?: number | undefined;
  tls?: TlsFiles | undefined;
  messageMax: number;
  connectionsMax: number;
}

/** What is special of one of them. */
export interface LineProtocol {
  framing: Framing;
  /** Takes one message of a stream; false if it is none. */
  takeMessage(bytes: Uint8Array, start: number, end: number): boolean;
  /** Takes one datagram; false if it is no message. The same as `takeMessage` unless set. */
  takeDatagram?(bytes: Uint8Array): boolean;
}

/** Unfinished messages of all connections may take so much, or four of the largest. */
const UNFINISHED_BYTES_MIN = 16 * 1_048_576;

/** Starts to listen; datagrams for `udp://` and `unixgram://`, streams for `tcp://` and `unix://`. */
export function startLineInput(settings: LineInputSettings, protocol: LineProtocol, parts: InputParts): Promise<Input> {
  return /^(udp|unixgram):/.test(settings.url)
    ? startDatagrams(settings, protocol, parts)
    : startStreams(settings, protocol, parts);
}

async function startDatagrams(settings: LineInputSettings, protocol: LineProtocol, parts: InputParts): Promise<Input> {
  const { totals } = parts.counters;
  let paused = false;
  const listener = await parts.ports.net.listenDatagrams({
    url: settings.url,
    socketMode: settings.socketMode,
    take(datagram) {
      totals.bytesRead += datagram.length;
      // There is nobody to hold back: what comes while reading is paused is lost, and counted.
      if (paused) totals.datagramsDropped++;
      else if (datagram.length > settings.messageMax) totals.malformed++;
      else if (!takeDatagram(protocol, datagram)) totals.malformed++;
    },
  });
  return {
    url: listener.url,
    connections: 0,
    dropsWhilePaused: true,
    setPaused(now) {
      paused = now;
    },
    stopAccepting: () => listener.close(),
    close() {},
  };
}

function takeDatagram(protocol: LineProtocol, datagram: Uint8Array): boolean {
  if (protocol.takeDatagram !== undefined) return protocol.takeDatagram(datagram);
  let end = datagram.length;
  while (end > 0 && (datagram[end - 1] === 0x0a || datagram[end - 1] === 0)) end--;
  return end === 0 || protocol.takeMessage(datagram, 0, end);
}

async function startStreams(settings: LineInputSettings, protocol: LineProtocol, parts: InputParts): Promise<Input> {
  const { counters, log, memory, ports } = parts;
  const { totals } = counters;
  const connections = new Map<Connection, OpenStream>();
  const unfinishedMax = Math.max(UNFINISHED_BYTES_MIN, 4 * settings.messageMax);
  let unfinished = 0;
  let paused = false;
  const { bytes, readStart, readBytes } = memory;
  const cutOff = (connection: Connection, why: string): void => {
    totals.connectionsClosed++;
    log.warn('W_CONNECTION_CLOSED', `closed a connection to ${settings.url}: ${why}`);
    // The system may tell of the end later; the memory is free now.
    connections.get(connection)?.leave();
    connection.close();
  };
  const accept = (connection: Connection): ConnectionHandler | undefined => {
    if (refuseOverLimit(settings, connections.size, parts)) return undefined;
    totals.connections++;
    if (paused) connection.pause();
    const framer = new Framer({
      framing: protocol.framing,
      messageMax: settings.messageMax,
      take(message, start, end) {
        if (!protocol.takeMessage(message, start, end)) totals.malformed++;
      },
    });
    let held = 0;
    const account = (): void => {
      unfinished += framer.pendingBytes - held;
      held = framer.pendingBytes;
    };
    const leave = (): void => {
      if (!connections.delete(connection)) return;
      framer.finish();
      account();
    };
    connections.set(connection, { framer, leave });
    return {
      onRead(length) {
        if (!connections.has(connection)) return;
        totals.bytesRead += length;
        const isFramed = framer.push(bytes, readStart, readStart + length);
        account();
        if (!isFramed) cutOff(connection, 'its bytes cannot be cut into messages');
        else if (unfinished > unfinishedMax)
          cutOff(largestOf(connections), 'unfinished messages of all connections take too much memory');
      },
      onClose: leave,
    };
  };
  const listener: Listener = await ports.net.listen({
    url: settings.url,
    socketMode: settings.socketMode,
    tls: settings.tls,
    readBuffer: bytes.subarray(readStart, readStart + readBytes),
    accept,
  });
  return {
    url: listener.url,
    get connections() {
      return connections.size;
    },
    setPaused(now) {
      paused = now;
      for (const connection of connections.keys()) now ? connection.pause() : connection.resume();
    },
    stopAccepting: () => listener.close(),
    close() {
      for (const connection of [...connections.keys()]) connection.close();
    },
  };
}

interface OpenStream {
  framer: Framer;
  /** What is there without its end is a message if it can be; its memory is given back. */
  leave(): void;
}

/** Who holds most of the memory goes, not who asks for the last byte of it. */
function largestOf(streams: ReadonlyMap<Connection, OpenStream>): Connection {
  const [first, ...others] = [...streams];
  assert(first !== undefined);
  const size = ([, { framer }]: typeof first): number => framer.pendingBytes;
  return others.reduce((most, one) => (size(one) > size(most) ? one : most), first)[0];
}
