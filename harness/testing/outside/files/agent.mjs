// A stranger's agent: reads Forward message mode where LARSEN_FORWARD_URL says and pushes JSON to Loki's push API every
// half second; repeats a push that was answered with 429, 5xx or nothing. DROP=<modulus>:<rest> plants a defect: lines
// whose CRC-32 leaves that rest are dropped in silence and, for the test alone, written to dropped.txt beside this file.

import { appendFileSync, rmSync } from 'node:fs';
import { createServer } from 'node:net';
import { crc32 } from 'node:zlib';

const FLUSH_MS = 500;
const [modulus, rest] = (process.env.DROP ?? '').split(':').map(Number);
const waiting = new Map();
let lastNs = 0n;

const address = new URL(process.env.LARSEN_FORWARD_URL);
const server = createServer((socket) => {
  let bytes = Buffer.alloc(0);
  socket.on('error', () => socket.destroy());
  socket.on('data', (chunk) => {
    bytes = Buffer.concat([bytes, chunk]);
    for (;;) {
      const at = { index: 0 };
      const message = read(bytes, at);
      if (message === undefined || at.index > bytes.length) return;
      bytes = bytes.subarray(at.index);
      take(message[2]);
    }
  });
});
if (address.protocol === 'unix:') {
  rmSync(address.pathname, { force: true });
  server.listen(address.pathname);
} else server.listen(Number(address.port), address.hostname);

let flushing = setInterval(() => void flush(), FLUSH_MS);
process.on('SIGTERM', async () => {
  clearInterval(flushing);
  flushing = undefined;
  server.close();
  await new Promise((resolve) => setTimeout(resolve, 300));
  await flush();
  process.exit(0);
});

function take(record) {
  const line = record.log;
  if (modulus && crc32(line) % modulus === rest) return appendFileSync('dropped.txt', `${line}\n`);
  const now = BigInt(Date.now()) * 1_000_000n;
  lastNs = now > lastNs ? now : lastNs + 1n;
  const app = record.container_name ?? 'unknown';
  if (!waiting.has(app)) waiting.set(app, []);
  waiting.get(app).push([String(lastNs), line]);
}

/** One push at a time, so that the order within a stream is kept. */
let pushing = Promise.resolve();
function flush() {
  const streams = [...waiting].map(([app, values]) => ({ stream: { app }, values }));
  waiting.clear();
  if (streams.length > 0) pushing = pushing.then(() => push(JSON.stringify({ streams })));
  return pushing;
}

async function push(body) {
  for (let attempt = 0; attempt < 50; attempt++) {
    const status = await fetch(`${process.env.LARSEN_SINK_URL}/loki/api/v1/push`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body,
    }).then(
      async (answer) => {
        await answer.arrayBuffer();
        return answer.status;
      },
      () => 0,
    );
    if (status !== 0 && status !== 429 && status < 500) return;
    await new Promise((resolve) => setTimeout(resolve, 200));
  }
}

/** A MessagePack value, as far as Docker's driver uses them; undefined while bytes are missing. */
function read(bytes, at) {
  if (at.index >= bytes.length) return undefined;
  const first = bytes[at.index++];
  if (first < 0x80) return first;
  if (first < 0x90) return readMap(bytes, at, first & 15);
  if (first < 0xa0) return readList(bytes, at, first & 15);
  if (first < 0xc0) return readText(bytes, at, first & 31);
  if (first === 0xc0) return null;
  if (first === 0xc2 || first === 0xc3) return first === 0xc3;
  if (first === 0xd7) return skip(bytes, at, 9);
  const width = { 204: 1, 205: 2, 206: 4, 217: 1, 218: 2, 219: 4, 196: 1, 197: 2, 198: 4, 210: 4, 222: 2, 220: 2 }[
    first
  ];
  if (width === undefined) throw new Error(`no reading of 0x${first.toString(16)}`);
  if (at.index + width > bytes.length) return undefined;
  const number = bytes.readUIntBE(at.index, width);
  at.index += width;
  if (first === 0xde) return readMap(bytes, at, number);
  if (first === 0xdc) return readList(bytes, at, number);
  return first <= 0xd2 && first >= 0xcc ? number : readText(bytes, at, number);
}

function readText(bytes, at, length) {
  return skip(bytes, at, length)?.toString();
}

function skip(bytes, at, length) {
  at.index += length;
  return at.index > bytes.length ? undefined : bytes.subarray(at.index - length, at.index);
}

function readList(bytes, at, length) {
  const list = [];
  for (let index = 0; index < length; index++) {
    const value = read(bytes, at);
    if (value === undefined) return undefined;
    list.push(value);
  }
  return list;
}

function readMap(bytes, at, length) {
  const list = readList(bytes, at, length * 2);
  return list && Object.fromEntries(list.flatMap((key, index) => (index % 2 === 0 ? [[key, list[index + 1]]] : [])));
}
