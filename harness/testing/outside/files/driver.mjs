// A stranger's drivers. `line-forwarder` reads the apps' pipes and sends each line in Forward message mode, as Docker's
// fluentd driver does; `line-pusher` needs no agent: it pushes to the sink by itself; `idle` reads nothing.

import { createReadStream } from 'node:fs';
import { connect } from 'node:net';
import { createInterface } from 'node:readline';

export default (larsen) => [
  larsen.defineDriver({
    name: 'line-forwarder',
    async start({ apps, forwardUrl }) {
      const { protocol, pathname, hostname, port } = new URL(forwardUrl);
      const socket = connect(protocol === 'unix:' ? { path: pathname } : { host: hostname, port: Number(port) });
      await new Promise((resolve, reject) => socket.once('connect', resolve).once('error', reject));
      for (const app of apps) {
        eachLine(app, (log, source) =>
          socket.write(pack([app.name, Math.floor(Date.now() / 1000), { container_name: app.name, source, log }])),
        );
      }
      return {
        async [Symbol.asyncDispose]() {
          await new Promise((resolve) => socket.end(resolve));
        },
      };
    },
  }),
  larsen.defineDriver({ name: 'idle', start: async () => ({ [Symbol.asyncDispose]: async () => undefined }) }),
  larsen.defineDriver({
    name: 'line-pusher',
    async start({ apps, forwardUrl, params: { pushEveryMs } }) {
      let waiting = [];
      let pushing = Promise.resolve();
      const push = () => {
        const streams = waiting.map(({ app, tNs, line }) => ({ stream: { app }, values: [[tNs, line]] }));
        waiting = [];
        if (streams.length > 0) pushing = pushing.then(() => post(`${forwardUrl}/loki/api/v1/push`, { streams }));
        return pushing;
      };
      const timer = setInterval(push, pushEveryMs);
      for (const app of apps) {
        eachLine(app, (line) => waiting.push({ app: app.name, tNs: `${Date.now()}000000`, line }));
      }
      return {
        async [Symbol.asyncDispose]() {
          clearInterval(timer);
          await push();
        },
      };
    },
  }),
];

function eachLine({ stdout, stderr }, take) {
  createInterface({ input: createReadStream(stdout) }).on('line', (line) => take(line, 'stdout'));
  createInterface({ input: createReadStream(stderr) }).on('line', (line) => take(line, 'stderr'));
}

async function post(url, body) {
  await fetch(url, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(body),
  });
}

/** MessagePack of lists, maps, texts and 32-bit numbers. */
function pack(value) {
  if (Array.isArray(value)) return Buffer.concat([Buffer.of(0x90 | value.length), ...value.map(pack)]);
  if (typeof value === 'object') {
    const entries = Object.entries(value);
    return Buffer.concat([Buffer.of(0x80 | entries.length), ...entries.flat().map(pack)]);
  }
  const head = Buffer.alloc(5);
  const text = typeof value === 'string' ? Buffer.from(value) : Buffer.alloc(0);
  head[0] = typeof value === 'string' ? 0xdb : 0xce;
  head.writeUInt32BE(typeof value === 'string' ? text.length : value, 1);
  return Buffer.concat([head, text]);
}
