// A stranger's sinks in place of Loki: lines in memory, pushed as JSON over http. `forgetful` answers 204 and forgets
// every 100th line (what it forgot it writes to forgotten.txt in the folder named by `with.notes`). `one-way` cannot be
// read back, `illegible` fails to be, `stillborn` does not even start.

import { appendFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { join } from 'node:path';

export default (larsen) => [
  defineMemorySink(larsen, 'memory', {}),
  defineMemorySink(larsen, 'forgetful', { forgetEvery: 100 }),
  defineMemorySink(larsen, 'one-way', { readable: false }),
  larsen.defineSink({
    ...defineMemorySink(larsen, 'illegible', {}),
    async *readBack() {
      yield* [];
      throw new Error('the ink has run');
    },
  }),
  larsen.defineSink({
    name: 'stillborn',
    at: 'sink',
    start: async () => {
      throw new Error('no licence');
    },
  }),
];

function defineMemorySink(larsen, name, { forgetEvery = 0, readable = true }) {
  const stored = [];
  let accepted = 0;
  const store = ({ streams }, notes) => {
    for (const { stream, values } of streams) {
      for (const [tNs, line] of values) {
        if (forgetEvery > 0 && ++accepted % forgetEvery === 0)
          appendFileSync(join(notes, 'forgotten.txt'), `${line}\n`);
        else stored.push({ tNs: BigInt(tNs), line, labels: stream, metadata: {} });
      }
    }
  };
  async function* readBack({ fromNs, toNs }) {
    for (const entry of stored) if (entry.tNs >= fromNs && entry.tNs <= toNs) yield entry;
  }
  return larsen.defineSink({
    name,
    at: 'sink',
    async start({ port, params }) {
      const server = createServer(async (request, answer) => {
        const chunks = [];
        for await (const chunk of request) chunks.push(chunk);
        store(JSON.parse(Buffer.concat(chunks).toString()), params.notes);
        answer.writeHead(204).end();
      });
      await new Promise((resolve) => server.listen(port, '127.0.0.1', resolve));
      return {
        url: `http://127.0.0.1:${port}`,
        async [Symbol.asyncDispose]() {
          server.closeAllConnections();
          server.close();
        },
      };
    },
    ...(readable && { readBack }),
  });
}
