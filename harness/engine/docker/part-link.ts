// Loaded before a part's own program inside a container (`node --import`): gives the process the channel to larsen
// that a child process would have, over a socket in a folder that both see. The programs of parts stay as they are.

import { connect } from 'node:net';
import { isMainThread } from 'node:worker_threads';
import { createFrameReader, encodeFrame } from './frames.ts';

const path = process.env.LARSEN_PART_SOCKET;

// Threads of the part inherit the import and have no business here.
if (isMainThread && path) {
  const socket = connect(path);
  const read = createFrameReader((message) => void process.emit('message', message, undefined));
  socket.on('data', read);
  socket.on('error', () => undefined);
  socket.once('close', () => {
    process.connected = false;
    process.emit('disconnect');
  });
  process.connected = true;
  process.send = ((message: unknown, ...rest: unknown[]) => {
    socket.write(encodeFrame(message));
    const done = rest.at(-1);
    if (typeof done === 'function') done(null);
    return true;
  }) as NonNullable<typeof process.send>;
}
