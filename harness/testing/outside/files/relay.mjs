// A stranger's gateway between agent and sink: passes pushes on and drops a share of their lines, which it has answered
// for. What it dropped is in dropped.txt of the shared folder, copied to `with.notes` when it ends.

import { appendFileSync, copyFileSync, existsSync } from 'node:fs';
import { createServer } from 'node:http';
import { join } from 'node:path';

export default (larsen) => [
  larsen.defineSink({
    name: 'lossy-gateway',
    at: 'relay',
    async start({ port, sharedDir, upstreamUrl, params: { dropShare, notes }, emit }) {
      const droppedFile = join(sharedDir, 'dropped.txt');
      let owed = 0;
      const keep = ([, line]) => {
        owed += dropShare;
        if (owed < 1) return true;
        owed -= 1;
        appendFileSync(droppedFile, `${line}\n`);
        return false;
      };
      const server = createServer(async (request, answer) => {
        const chunks = [];
        for await (const chunk of request) chunks.push(chunk);
        const { streams } = JSON.parse(Buffer.concat(chunks).toString());
        const kept = streams.map(({ stream, values }) => ({ stream, values: values.filter(keep) }));
        const { status } = await fetch(upstreamUrl + request.url, {
          method: 'POST',
          headers: { 'content-type': 'application/json' },
          body: JSON.stringify({ streams: kept }),
        });
        answer.writeHead(status).end();
      });
      await new Promise((resolve) => server.listen(port, '127.0.0.1', resolve));
      emit({ kind: 'probe', hop: 'relay', data: { listening: port } });
      return {
        url: `http://127.0.0.1:${port}`,
        async [Symbol.asyncDispose]() {
          if (existsSync(droppedFile)) copyFileSync(droppedFile, join(notes, 'dropped.txt'));
          server.closeAllConnections();
          server.close();
        },
      };
    },
  }),
];
