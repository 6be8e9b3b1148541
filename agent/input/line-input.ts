// What inputs of single messages (syslog, GELF) share: connections cut into messages, datagrams, the pauses of `block`, and
// the count of what was lost to them.

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
  const connections = new Set<Connection>();
  let paused = false;
  const { bytes, readStart, readBytes } = memory;
  const accept = (connection: Connection): ConnectionHandler | undefined => {
    if (refuseOverLimit(settings, connections.size, parts)) return undefined;
    connections.add(connection);
    totals.connections++;
    if (paused) connection.pause();
    const framer = new Framer({
      framing: protocol.framing,
      messageMax: settings.messageMax,
      take(message, start, end) {
        if (!protocol.takeMessage(message, start, end)) totals.malformed++;
      },
    });
    return {
      onRead(length) {
        totals.bytesRead += length;
        if (framer.push(bytes, readStart, readStart + length)) return;
        totals.connectionsClosed++;
        log.warn(
          'W_CONNECTION_CLOSED',
          `closed a connection to ${settings.url}: its bytes cannot be cut into messages`,
        );
        connections.delete(connection);
        connection.close();
      },
      onClose() {
        framer.finish();
        connections.delete(connection);
      },
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
      for (const connection of connections) now ? connection.pause() : connection.resume();
    },
    stopAccepting: () => listener.close(),
    close() {
      for (const connection of [...connections]) connection.close();
    },
  };
}
