// Load for the agent's bench: Forward messages as Docker writes them, half of them Traefik's access log in JSON, half
// PeerTube's, each with a sequence number that the sink looks for afterwards.

import { writeSync } from 'node:fs';
import { connect, type Socket } from 'node:net';
import { encode } from '@msgpack/msgpack';

const TEMPLATES = 8192;
const SEQUENCE_DIGITS = 12;
const WRITE_BYTES = 65_536;

/** How the load is written: chunks of 64 KiB, or one write(2) per record as Docker does. */
export type WriteMode = 'chunks' | 'records';

interface Template {
  bytes: Buffer;
  sequenceAt: number;
  timeAt: number;
}

/** Sends `count` records and resolves when the kernel has taken the last one. */
export async function sendRecords(path: string, count: number, mode: WriteMode): Promise<void> {
  const socket = connect(path);
  await new Promise<void>((resolve, reject) => {
    socket.once('connect', resolve);
    socket.once('error', reject);
  });
  if (mode === 'chunks') await sendChunks(socket, count);
  else await sendSingly(socket, count);
  await new Promise<void>((resolve) => socket.end(resolve));
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
  const { fd } = (socket as unknown as { _handle: { fd: number } })._handle;
  for (let n = 0; n < count; n++) {
    const bytes = patched(n);
    for (let at = 0; at < bytes.length; ) {
      try {
        at += writeSync(fd, bytes, at);
      } catch (error) {
        if ((error as NodeJS.ErrnoException).code !== 'EAGAIN') throw error;
        await new Promise((resolve) => setImmediate(resolve));
      }
    }
    if ((n & 1023) === 0) await new Promise((resolve) => setImmediate(resolve));
  }
}

const templates: Template[] = [];

function patched(n: number): Buffer {
  if (templates.length === 0) for (let i = 0; i < TEMPLATES; i++) templates.push(makeTemplate(i));
  const template = templates[n % TEMPLATES] as Template;
  let rest = n;
  for (let i = SEQUENCE_DIGITS - 1; i >= 0; i--) {
    template.bytes[template.sequenceAt + i] = 0x30 + (rest % 10);
    rest = Math.floor(rest / 10);
  }
  template.bytes.writeUInt32BE(1_763_900_000 + Math.floor(n / 100_000), template.timeAt);
  template.bytes.writeUInt32BE((n % 100_000) * 10_000, template.timeAt + 4);
  return template.bytes;
}

function makeTemplate(i: number): Template {
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
  const tag = Buffer.from(encode(isTraefik ? 'video.traefik' : 'video.peertube'));
  const bytes = Buffer.concat([
    Buffer.of(0x94),
    tag,
    Buffer.from('d7000000000000000000', 'hex'),
    record,
    Buffer.of(0x80),
  ]);
  return { bytes, sequenceAt: bytes.indexOf(sequence) + 4, timeAt: 1 + tag.length + 2 };
}
