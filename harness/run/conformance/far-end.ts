// Where the agent pushes to: takes every push, keeps its entries, and stops answering when it is told to. It knows what
// the embedded Loki knows (protobuf, JSON, OTLP) and refuses nothing.

import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { decodePushBody } from '../../sink/loki/decode-body.ts';
import { LOKI_TRAITS } from '../../sink/loki/version.ts';

/** One stored entry. */
export interface ArrivedEntry {
  timeNs: bigint;
  /** Line, labels and metadata as text: a marker is looked for in it. */
  text: string;
  line: string;
}

/** The far end. */
export interface FarEnd extends AsyncDisposable {
  url: string;
  entries(): readonly ArrivedEntry[];
  /** Takes no push from here on until `resume`; those that come meanwhile wait for their answer. */
  stall(): void;
  resume(): void;
}

/** Starts it at a free port of the loopback. */
export async function openFarEnd(): Promise<FarEnd> {
  const entries: ArrivedEntry[] = [];
  let waiting: (() => void)[] | null = null;
  const server = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => {
      const take = (): void => {
        if (response.destroyed) return;
        entries.push(...readEntries(request, Buffer.concat(chunks)));
        answer(request, response);
      };
      if (waiting && request.method === 'POST') waiting.push(take);
      else take();
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    entries: () => entries,
    stall: () => {
      waiting ??= [];
    },
    resume: () => {
      const held = waiting ?? [];
      waiting = null;
      for (const take of held) take();
    },
    [Symbol.asyncDispose]: async () => {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

function answer({ url = '', method }: IncomingMessage, response: ServerResponse): void {
  const isOtlp = url.includes('/otlp');
  if (method !== 'POST') response.writeHead(200).end('ready\n');
  else if (isOtlp) response.writeHead(200, { 'content-type': 'application/json' }).end('{}');
  else response.writeHead(204).end();
}

function readEntries({ url = '', headers, method }: IncomingMessage, body: Buffer): ArrivedEntry[] {
  if (method !== 'POST') return [];
  const shape = url.includes('/otlp') ? 'otlp' : url.startsWith('/api/prom') ? 'legacy' : 'v1';
  const { 'content-type': contentType, 'content-encoding': contentEncoding } = headers;
  try {
    const streams = decodePushBody({ contentType, contentEncoding, shape, body }, LOKI_TRAITS['3.7']);
    return streams.flatMap(({ labels, entries }) =>
      entries.map(({ tsNs, line, metadata }) => {
        const text = line.toString('utf8');
        return { timeNs: tsNs, line: text, text: `${text} ${JSON.stringify(labels)} ${JSON.stringify(metadata)}` };
      }),
    );
  } catch {
    // What nobody can read stores nothing: the rows say that it did not arrive.
    return [];
  }
}
