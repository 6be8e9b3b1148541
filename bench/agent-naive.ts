// The baseline of the agent's bench: what one writes in an afternoon. Decodes each record into objects with
// @msgpack/msgpack, groups lines by tag in a Map, and pushes JSON once a second or per mebibyte.

import { createServer } from 'node:net';
import { decodeMultiStream, ExtensionCodec } from '@msgpack/msgpack';

const extensionCodec = new ExtensionCodec();
extensionCodec.register({
  type: 0,
  encode: () => null,
  decode: (data) => {
    const view = new DataView(data.buffer, data.byteOffset, 8);
    return `${view.getUint32(0)}${String(view.getUint32(4)).padStart(9, '0')}`;
  },
});

const [path = '', url = ''] = process.argv.slice(2);
let streams = new Map<string, [string, string][]>();
let size = 0;

async function push(): Promise<void> {
  if (size === 0) return;
  const body = JSON.stringify({ streams: [...streams].map(([tag, values]) => ({ stream: { tag }, values })) });
  streams = new Map();
  size = 0;
  await fetch(`${url}/loki/api/v1/push`, { method: 'POST', headers: { 'Content-Type': 'application/json' }, body });
}

setInterval(push, 1000);
createServer(async (socket) => {
  for await (const message of decodeMultiStream(socket, { extensionCodec })) {
    const [tag, time, record] = message as [string, string, { log: string }];
    let values = streams.get(tag);
    if (values === undefined) {
      values = [];
      streams.set(tag, values);
    }
    values.push([time, record.log]);
    size += record.log.length;
    if (size > 1_048_576) await push();
  }
}).listen(path);
