// The recording sink of the agent's bench: answers 204 at once, keeps every body, and looks at them after the run.

import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { uncompressSync } from 'snappy';

/** A sink that counts. */
export interface RecordingSink {
  readonly url: string;
  /** Entries in the pushes so far, counted by their marks; cheap enough to poll. */
  bytes(): number;
  pushes(): number;
  /** Checks every sequence number from 0 to `count - 1`; forgets the bodies. */
  check(count: number): { lost: number; twice: number };
  close(): void;
}

/** Starts a sink on a free loopback port. */
export async function startSink(): Promise<RecordingSink> {
  let bodies: { body: Buffer; isSnappy: boolean }[] = [];
  let bytes = 0;
  const server = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => {
      const body = Buffer.concat(chunks);
      bodies.push({ body, isSnappy: request.headers['content-encoding'] === 'snappy' });
      bytes += body.length;
      response.writeHead(204).end();
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    bytes: () => bytes,
    pushes: () => bodies.length,
    check(count) {
      const seen = new Uint8Array(count);
      let twice = 0;
      for (const { body, isSnappy } of bodies) {
        const plain = isSnappy ? (uncompressSync(body) as Buffer) : body;
        for (let at = plain.indexOf('seq='); at >= 0; at = plain.indexOf('seq=', at + 16)) {
          const n = Number(plain.toString('latin1', at + 4, at + 16));
          if (seen[n] === 1) twice++;
          seen[n] = 1;
        }
      }
      bodies = [];
      return { lost: count - seen.reduce((sum, one) => sum + one, 0), twice };
    },
    close() {
      server.close();
      server.closeAllConnections();
    },
  };
}
