// Serves the agent's pages over HTTP.

import { createServer } from 'node:http';
import { AgentError } from '../errors.ts';
import type { Net } from '../ports.ts';
import { describeListenError } from './listen.ts';

/** Starts to serve; see `Net.serve`. */
export const serve: Net['serve'] = ({ listen, answer }) =>
  new Promise((resolve, reject) => {
    const colon = listen.lastIndexOf(':');
    const host = listen.slice(0, colon).replace(/^\[|\]$/g, '');
    const server = createServer(
      { requestTimeout: 5000, headersTimeout: 5000, keepAliveTimeout: 2000 },
      (request, response) => {
        const page = answer((request.url ?? '/').split('?')[0] ?? '/');
        response.writeHead(page.status, {
          'Content-Type': page.contentType,
          'Content-Length': Buffer.byteLength(page.body),
        });
        response.end(request.method === 'HEAD' ? undefined : page.body);
      },
    );
    server.maxConnections = 64;
    server.once('error', (error: NodeJS.ErrnoException) => {
      reject(
        new AgentError('E_HTTP_LISTEN', `cannot serve pages at ${listen}: ${describeListenError(error)}`, {
          cause: error,
        }),
      );
    });
    server.listen({ host, port: Number(listen.slice(colon + 1)) }, () => {
      server.removeAllListeners('error');
      server.on('error', () => {});
      const address = server.address();
      const port = typeof address === 'object' && address !== null ? address.port : Number(listen.slice(colon + 1));
      resolve({
        url: `http://${listen.slice(0, colon)}:${port}`,
        close: async () => {
          server.close();
          server.closeAllConnections();
        },
      });
    });
  });
