// The receiving end of the Forward protocol in message mode, `[tag, time, record, option]`: what Docker's log
// driver sends. Listens where LARSEN_FORWARD_URL says, on a unix socket or on TCP.

import { rmSync } from 'node:fs';
import { createServer } from 'node:net';
import { createValueReader, packText } from './msgpack.mjs';

/**
 * Listens at `url` and calls `onRecord({ tag, seconds, nanos, fields })` for each record. What `onRecord` throws goes
 * to `onError(error, tag)` and closes the connection; `onBytes(count)` hears of each read before its records;
 * `acks: false` answers no request for an acknowledgement.
 */
export async function listenForward(url, { onRecord, onError = () => undefined, onBytes, acks = true }) {
  const sockets = new Set();
  let paused = false;
  let lastReadMs = 0;
  const server = createServer((socket) => {
    sockets.add(socket);
    if (paused) socket.pause();
    let tag = '';
    const feed = createValueReader((value) => {
      if (!Array.isArray(value) || value.length < 3 || !(value[2] instanceof Map)) return;
      tag = String(value[0]);
      const time = value[1];
      const seconds = typeof time === 'number' ? time : (time?.seconds ?? 0);
      onRecord({ tag, seconds, nanos: time?.nanos ?? 0, fields: value[2] });
      const chunk = acks && value[3] instanceof Map ? value[3].get('chunk') : undefined;
      if (chunk) socket.write(Buffer.concat([Buffer.from([0x81, 0xa3]), Buffer.from('ack'), packText(chunk)]));
    });
    socket.on('data', (bytes) => {
      lastReadMs = performance.now();
      onBytes?.(bytes.length);
      try {
        feed(bytes);
      } catch (error) {
        onError(error, tag);
        socket.destroy();
      }
    });
    socket.on('error', () => socket.destroy());
    socket.on('close', () => sockets.delete(socket));
  });
  await listen(server, url);
  return {
    /** Stops reading every connection, those to come included; what peers send stays in the kernel. */
    pause: () => {
      paused = true;
      for (const socket of sockets) socket.pause();
    },
    resume: () => {
      paused = false;
      for (const socket of sockets) socket.resume();
    },
    /** Accepts no more, reads on until nothing has come for `quietMs` (at most 10 times that), then closes. */
    close: async (quietMs = 200) => {
      server.close();
      const startedMs = performance.now();
      while (sockets.size > 0 && performance.now() - Math.max(lastReadMs, startedMs) < quietMs) {
        if (performance.now() - startedMs > 10 * quietMs) break;
        await new Promise((resolve) => setTimeout(resolve, 20));
      }
      for (const socket of sockets) socket.destroy();
    },
  };
}

function listen(server, url) {
  const { protocol, hostname, port, pathname } = new URL(url);
  const path = decodeURIComponent(pathname);
  if (protocol === 'unix:') rmSync(path, { force: true });
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    if (protocol === 'unix:') server.listen(path, resolve);
    else server.listen(Number(port), hostname, resolve);
  });
}
