// Load for the agent's bench: Forward messages as Docker writes them, half of them Traefik's access log in JSON, half
// PeerTube's, each with a sequence number that the sink looks for afterwards.

import { writeSync } from 'node:fs';
import { connect, type Socket } from 'node:net';
import { encode } from '@msgpack/msgpack';

const TEMPLATES = 8192;
const SEQUENCE_DIGITS = 12;
const WRITE_BYTES = 65_536;

/**
 * How the load is written: chunks of 64 KiB; one write(2) per record as Docker does; the same at 10,000 records/s; or 200
 * connections with 50 streams at uneven rates.
 */
export type WriteMode = 'chunks' | 'records' | 'paced' | 'crowd';

const PACED_PER_SECOND = 10_000;
const PACED_TICK_MS = 10;
const CROWD_CONNECTIONS = 200;
const CROWD_STREAMS = 50;
const CROWD_WRITE_BYTES = 16_384;

interface Template {
  bytes: Buffer;
  sequenceAt: number;
  timeAt: number;
}

/** Sends `count` records and resolves when the kernel has taken the last one. */
export async function sendRecords(path: string, count: number, mode: WriteMode): Promise<void> {
  if (mode === 'crowd') return sendByMany(path, count);
  const socket = await open(path);
  if (mode === 'chunks') await sendChunks(socket, count);
  else if (mode === 'records') await sendSingly(socket, count);
  else await sendPaced(socket, count);
  await new Promise<void>((resolve) => socket.end(resolve));
}

async function open(path: string): Promise<Socket> {
  const socket = connect(path);
  await new Promise<void>((resolve, reject) => {
    socket.once('connect', resolve);
    socket.once('error', reject);
  });
  return socket;
}

/** Each connection is one container: it has one stream, and the loudest send far more than the quietest. */
async function sendByMany(path: string, count: number): Promise<void> {
  const sockets = await Promise.all(Array.from({ length: CROWD_CONNECTIONS }, () => open(path)));
  const buffers = sockets.map(() => Buffer.alloc(CROWD_WRITE_BYTES + 8192));
  const used = sockets.map(() => 0);
  const flush = async (c: number): Promise<void> => {
    const socket = sockets[c] as Socket;
    const bytes = Buffer.from((buffers[c] as Buffer).subarray(0, used[c]));
    used[c] = 0;
    if (!socket.write(bytes)) await new Promise((resolve) => socket.once('drain', resolve));
  };
  for (let n = 0; n < count; n++) {
    const share = (Math.imul(n, 0x9e3779b1) >>> 0) / 2 ** 32;
    const c = Math.floor(CROWD_CONNECTIONS * share * share);
    used[c] = (used[c] as number) + patched(n, 1 + (c % CROWD_STREAMS)).copy(buffers[c] as Buffer, used[c]);
    if ((used[c] as number) >= CROWD_WRITE_BYTES) await flush(c);
  }
  for (let c = 0; c < CROWD_CONNECTIONS; c++) if ((used[c] as number) > 0) await flush(c);
  await Promise.all(sockets.map((socket) => new Promise<void>((resolve) => socket.end(resolve))));
}

async function sendPaced(socket: Socket, count: number): Promise<void> {
  const startMs = performance.now();
  for (let n = 0; n < count; ) {
    const due = Math.min(count, Math.floor(((performance.now() - startMs) / 1000) * PACED_PER_SECOND));
    while (n < due) await writeSingly(socket, patched(n++));
    await new Promise((resolve) => setTimeout(resolve, PACED_TICK_MS));
  }
}

async function sendChunks(socket: Socket, count: number): Promise<void> {
  const carry = Buffer.alloc(2 * WRITE_BYTES);
  let used = 0;
  for (let n = 0; n < count; n++) {
    used += patched(n).copy(carry, used);
    if (used < WRITE_BYTES && n < count - 1) continue;
    const size = n === count - 1 ? used : WRITE_BYTES;
    if (!socket.write(Buffer.from(carry.subarray(0, size))))
      await new Promise((resolve) => socket.once('drain', resolve));
    carry.copyWithin(0, size, used);
    used -= size;
  }
}

async function sendSingly(socket: Socket, count: number): Promise<void> {
  for (let n = 0; n < count; n++) {
    await writeSingly(socket, patched(n));
    if ((n & 1023) === 0) await new Promise((resolve) => setImmediate(resolve));
  }
}

async function writeSingly(socket: Socket, bytes: Buffer): Promise<void> {
  const { fd } = (socket as unknown as { _handle: { fd: number } })._handle;
  for (let at = 0; at < bytes.length; ) {
    try {
      at += writeSync(fd, bytes, at);
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'EAGAIN') throw error;
      await new Promise((resolve) => setImmediate(resolve));
    }
  }
}

/** By stream: 0 is the mix of two apps, 1 and on are apps of their own. */
const templatesOf = new Map<number, Template[]>();

function patched(n: number, stream = 0): Buffer {
  let templates = templatesOf.get(stream);
  if (templates === undefined) {
    const most = stream === 0 ? TEMPLATES : TEMPLATES / CROWD_STREAMS;
    templates = Array.from({ length: most }, (_, i) => makeTemplate(i, stream));
    templatesOf.set(stream, templates);
  }
  const template = templates[n % templates.length] as Template;
  let rest = n;
  for (let i = SEQUENCE_DIGITS - 1; i >= 0; i--) {
    template.bytes[template.sequenceAt + i] = 0x30 + (rest % 10);
    rest = Math.floor(rest / 10);
  }
  template.bytes.writeUInt32BE(1_763_900_000 + Math.floor(n / 100_000), template.timeAt);
  template.bytes.writeUInt32BE((n % 100_000) * 10_000, template.timeAt + 4);
  return template.bytes;
}

function makeTemplate(i: number, stream: number): Template {
  const random = (span: number) => Math.imul(i * 2654435761 + span, 0x9e3779b1) >>> 0;
  const sequence = `seq=${'0'.repeat(SEQUENCE_DIGITS)}`;
  const isTraefik = (random(1) & 64) === 0;
  const line = isTraefik
    ? JSON.stringify({
        ClientAddr: `10.0.${random(2) % 256}.${random(3) % 256}:${20_000 + (random(4) % 40_000)}`,
        ClientHost: `10.0.${random(2) % 256}.${random(3) % 256}`,
        DownstreamContentSize: random(5) % 1_000_000,
        DownstreamStatus: 206,
        Duration: random(6) % 100_000_000,
        OriginDuration: random(7) % 100_000_000,
        Overhead: random(8) % 100_000,
        RequestHost: 'video.example.org',
        RequestMethod: 'GET',
        RequestPath: `/static/webseed/${random(9).toString(16)}-720.mp4?${sequence}`,
        RequestProtocol: 'HTTP/2.0',
        RouterName: 'peertube@docker',
        ServiceAddr: '10.0.1.7:9000',
        StartUTC: `2025-11-23T12:13:${10 + (random(10) % 50)}.${random(11) % 1_000_000_000}Z`,
        level: 'info',
        msg: '',
        time: '2025-11-23T12:13:20Z',
      })
    : `[video.example.org:443] 2025-11-23 12:13:20.${100 + (random(2) % 900)} info: ${random(3) % 256}.${random(4) % 256}.1.7 - - "GET /static/streaming-playlists/hls/${random(5).toString(16)}/master.m3u8?${sequence} HTTP/1.1" 200 ${random(6) % 100_000} "https://video.example.org/w/${random(7).toString(36)}" "Mozilla/5.0 (X11; Linux x86_64; rv:128.0) Gecko/20100101 Firefox/128.0"`;
  const pairs: [string, string][] = [
    ['container_id', (isTraefik ? 'a' : 'b').repeat(64)],
    ['container_name', isTraefik ? '/traefik' : '/peertube'],
    ['source', 'stdout'],
    ['log', line],
  ];
  // Go writes a map's keys in random order.
  pairs.sort(([a], [b]) => (random(a.length) % 97) - (random(b.length + 7) % 97));
  const record = Buffer.from(encode(Object.fromEntries(pairs)));
  const name = isTraefik ? 'video.traefik' : 'video.peertube';
  const tag = Buffer.from(encode(stream === 0 ? name : `app${stream}.service`));
  const bytes = Buffer.concat([
    Buffer.of(0x94),
    tag,
    Buffer.from('d7000000000000000000', 'hex'),
    record,
    Buffer.of(0x80),
  ]);
  return { bytes, sequenceAt: bytes.indexOf(sequence) + 4, timeAt: 1 + tag.length + 2 };
}
