import { execFileSync } from 'node:child_process';
import { createSocket } from 'node:dgram';
import { mkdtempSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { connect } from 'node:tls';
import { afterAll, expect, test, vi } from 'vitest';
import { AgentError } from '../errors.ts';
import { listen } from './listen.ts';
import { listenDatagrams } from './listen-datagrams.ts';

/** The mode that each socket file had before its chmod. */
const early: number[] = [];
vi.mock(import('node:fs'), async (load) => {
  const actual = await load();
  const chmodSync: typeof actual.chmodSync = (path, mode) => {
    early.push(actual.statSync(path).mode & 0o666);
    actual.chmodSync(path, mode);
  };
  return { ...actual, chmodSync };
});

const folder = mkdtempSync(join(tmpdir(), 'larsen-listen-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

function makeCertificate(): { cert: string; key: string } {
  const files = { cert: join(folder, 'cert.pem'), key: join(folder, 'key.pem') };
  const subject = ['-subj', '/CN=localhost', '-addext', 'subjectAltName=DNS:localhost'];
  const args = ['req', '-x509', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes', '-days', '1'];
  execFileSync('openssl', [...args, ...subject, '-keyout', files.key, '-out', files.cert], { stdio: 'ignore' });
  return files;
}

test('a TLS listener reads what a client sends, answers it, and asks for a certificate where it should', async () => {
  const files = makeCertificate();
  const readBuffer = new Uint8Array(65_536);
  const got: string[] = [];
  const accept = (connection: { write(bytes: Uint8Array): void; close(): void }) => ({
    onRead(length: number) {
      got.push(Buffer.from(readBuffer.subarray(0, length)).toString());
      connection.write(Buffer.from('answer'));
      connection.close();
    },
    onClose() {},
  });
  const send = async (url: string, own: object) => {
    const socket = connect({ host: '127.0.0.1', port: Number(new URL(url).port), rejectUnauthorized: false, ...own });
    socket.write('hello');
    const chunks: Buffer[] = [];
    try {
      for await (const chunk of socket) chunks.push(chunk as Buffer);
    } catch {
      return 'refused';
    }
    return Buffer.concat(chunks).toString();
  };
  const open = await listen({ url: 'tcp://127.0.0.1:0', tls: files, readBuffer, accept });
  expect(await send(open.url, {})).toBe('answer');
  expect(got).toEqual(['hello']);
  const closed = await listen({
    url: 'tcp://127.0.0.1:0',
    tls: { ...files, clientCa: files.cert },
    readBuffer,
    accept,
  });
  expect(await send(closed.url, {})).toBe('refused');
  expect(got).toEqual(['hello']);
  await Promise.all([open.close(), closed.close()]);
});

test('files that are no certificate are said to be none', async () => {
  const options = { url: 'tcp://127.0.0.1:0', readBuffer: new Uint8Array(1), accept: () => undefined };
  const error = await listen({ ...options, tls: { cert: join(folder, 'none'), key: 'x' } }).catch((thrown) => thrown);
  expect(error).toBeInstanceOf(AgentError);
  expect(error.message).toContain('`tls.cert`');
});

test('datagrams come in over UDP and over a unix socket, and can be answered over UDP', async () => {
  const got: string[] = [];
  const udp = await listenDatagrams({
    url: 'udp://127.0.0.1:0',
    take: (datagram, reply) => {
      got.push(Buffer.from(datagram).toString());
      reply(Buffer.from('back'));
    },
  });
  const client = createSocket('udp4');
  const answer = new Promise<string>((resolve) => client.once('message', (bytes) => resolve(bytes.toString())));
  client.send('over udp', Number(udp.url.split(':').at(-1)), '127.0.0.1');
  expect(await answer).toBe('back');
  client.close();
  const path = join(folder, 'log.sock');
  const heard = new Promise<void>((resolve, reject) => {
    listenDatagrams({
      url: `unixgram://${path}`,
      socketMode: 0o600,
      take: (datagram) => {
        got.push(Buffer.from(datagram).toString());
        resolve();
      },
    }).then((listener) => {
      execFileSync('python3', ['-c', `import socket; socket.socket(1, 2).sendto(b'over unix', '${path}')`]);
      return listener;
    }, reject);
  });
  await heard;
  expect(got).toEqual(['over udp', 'over unix']);
  await udp.close();
});

test('a socket file has its mode from its first moment, and the umask of the process stays', async () => {
  const before = process.umask(0o000);
  try {
    for (const mode of [0o600, 0o660, 0o606]) {
      early.length = 0;
      const path = join(folder, 'mode.sock');
      const stream = {
        url: `unix://${path}`,
        socketMode: mode,
        readBuffer: new Uint8Array(1),
        accept: () => undefined,
      };
      const listener = await listen(stream);
      expect([early, statSync(path).mode & 0o777]).toEqual([[mode], mode]);
      await listener.close();
      const datagrams = await listenDatagrams({ url: `unixgram://${path}`, socketMode: mode, take: () => {} });
      expect([early, statSync(path).mode & 0o777]).toEqual([[mode, mode], mode]);
      await datagrams.close();
    }
    expect(process.umask()).toBe(0);
  } finally {
    process.umask(before);
  }
});
