// A Loki of a few lines on a real port: keeps the lines of each push that it answers with 204. For what a web server would
// not do, see raw-sink.ts.

import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { readLines } from './read-push.ts';

/** Opens one; `answer` gives the status for each push, the first with `n` 0. */
export async function openSmallLoki(answer: (n: number) => number = () => 204) {
  const lines: string[] = [];
  let n = 0;
  const server = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => {
      const status = answer(n++);
      if (status === 204) lines.push(...readLines(Buffer.concat(chunks)));
      response.writeHead(status).end();
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    /** What was stored, in order. */
    lines,
    close(): void {
      server.close();
      server.closeAllConnections();
    },
  };
}

/** A port that nobody listens at. */
export async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  await new Promise((resolve) => server.close(resolve));
  return port;
}
