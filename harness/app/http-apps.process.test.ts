import { existsSync, readFileSync } from 'node:fs';
import { Agent, get, type IncomingMessage } from 'node:http';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { sleep } from '../core/real-clock.ts';
import { LINE_KINDS } from '../model/line-record.ts';
import { until } from '../testing/until.ts';
import type { AppPartConfig } from './part.ts';
import { decodeRecords, type Fifo, makeFifo, makeFolder, startPart } from './testing/start-part.ts';

interface Answer {
  status: number;
  body: Buffer;
}

/** Resolves with the answer, or null when it is not whole within `withinMs`; `onBytes` sees what arrives. */
function ask(
  url: string,
  {
    withinMs = 2_000,
    headers = {},
    onBytes,
  }: { withinMs?: number; headers?: Record<string, string>; onBytes?: (bytes: number) => void } = {},
): Promise<Answer | null> {
  return new Promise((resolve) => {
    const request = get(url, { agent: new Agent(), headers }, (answer: IncomingMessage) => {
      const chunks: Buffer[] = [];
      answer.on('data', (chunk: Buffer) => {
        chunks.push(chunk);
        onBytes?.(chunk.length);
      });
      answer.on('end', () => resolve({ status: answer.statusCode ?? 0, body: Buffer.concat(chunks) }));
      answer.on('error', () => resolve(null));
    });
    request.on('error', () => resolve(null));
    setTimeout(() => {
      resolve(null);
      request.destroy();
    }, withinMs).unref();
  });
}

function appConfig(
  folder: string,
  name: 'web' | 'media',
  changes: Partial<AppPartConfig> & { writes?: 'blocking' | 'queued' } = {},
): AppPartConfig {
  const { writes = name === 'web' ? 'blocking' : 'queued', ...others } = changes;
  const shape = others.shape ?? (name === 'web' ? 'traefik-clf' : 'peertube-2019');
  return {
    app: {
      name,
      type: name === 'web' ? 'traefik' : 'peertube',
      backend: name === 'web' ? 'media' : null,
      shape,
      writes,
      with: {},
    },
    run: 'abc123',
    seed: 1,
    linesFile: join(folder, `${name}.bin`),
    eventsFile: join(folder, `${name}.events`),
    shape,
    listenPort: null,
    backendUrl: null,
    backendApp: name === 'web' ? 'media' : null,
    ...others,
  };
}

async function startPair(
  folder: string,
  { webOut, mediaOut, media = {} }: { webOut: Fifo; mediaOut: Fifo; media?: Parameters<typeof appConfig>[2] },
) {
  const mediaPart = await startPart('app/media.js', appConfig(folder, 'media', media), { stdout: mediaOut.writeEnd });
  const webPart = await startPart(
    'app/proxy.js',
    appConfig(folder, 'web', { backendUrl: String(mediaPart.info.url) }),
    { stdout: webOut.writeEnd },
  );
  return { mediaPart, webPart, url: String(webPart.info.url) };
}

const requestPath = (seq: number, app = 'web') => `/static/webseed/lrs1-abc123-${app}-${seq}-0-00000000-360.mp4`;
const records = (file: string, kind: number) =>
  (existsSync(file) ? decodeRecords(readFileSync(file)) : []).filter((record) => record.kind === kind);

test('each request through the proxy makes one line there and one in the backend, with the id of each app', async () => {
  using folder = makeFolder();
  using webOut = makeFifo(folder.path, 'web');
  using mediaOut = makeFifo(folder.path, 'media');
  const text = { web: '', media: '' };
  webOut.read((chunk) => {
    text.web += chunk.toString();
  });
  mediaOut.read((chunk) => {
    text.media += chunk.toString();
  });
  const { mediaPart, webPart, url } = await startPair(folder.path, { webOut, mediaOut });
  await using _media = mediaPart;
  await using _web = webPart;

  const headers = { range: 'bytes=0-16383', dnt: '1', 'x-forwarded-for': '203.0.113.7' };
  for (let seq = 0; seq < 5; seq++) {
    const answer = await ask(`${url}${requestPath(seq)}`, { headers });
    expect(answer).toMatchObject({ status: 206 });
    expect(answer!.body.length).toBe(16_384);
  }
  expect(await ask(`${url}/ping`)).toEqual({ status: 200, body: Buffer.from('OK') });
  expect(await webPart.call('stop', { withinMs: 500 })).toEqual({ writtenLines: 5, waitingLines: 0 });
  expect(await mediaPart.call('stop', { withinMs: 500 })).toEqual({ writtenLines: 5, waitingLines: 0 });
  await until(
    'both logs were read',
    () => text.web.split('\n').length === 6 && text.media.split('\n').length === 11,
    1_000,
  );

  expect(text.web.split('\n')[2]).toMatch(
    /^203\.0\.113\.7 - - \[.*\] "GET \/static\/webseed\/lrs1-abc123-web-2-0-00000000-360\.mp4 HTTP\/1\.1" 206 16384 "-" "-" 3 "peertube@file" "http:\/\/media:9000" \d+ms$/,
  );
  const [line, empty] = text.media.split('\n').slice(4, 6);
  expect(line).toMatch(
    /\u001b\[32minfo\u001b\[39m: 203\.0\.0\.0 - - .*lrs1-abc123-media-2-0-00000000-360\.mp4 HTTP\/1\.1" 206 16384 "-" "Other"$/,
  );
  expect(empty).toBe('');
  expect(records(join(folder.path, 'media.bin'), LINE_KINDS.anonymous).length).toBe(5);
  expect(records(join(folder.path, 'web.bin'), LINE_KINDS.written).map(({ seq }) => seq)).toEqual([0, 1, 2, 3, 4]);
});

test('behind a blocked log the proxy answers pings and takes connections while requests hang, and owes every line', async () => {
  using folder = makeFolder();
  using webOut = makeFifo(folder.path, 'web');
  using mediaOut = makeFifo(folder.path, 'media');
  mediaOut.read(() => undefined);
  const { mediaPart, webPart, url } = await startPair(folder.path, { webOut, mediaOut });
  await using _media = mediaPart;
  await using _web = webPart;

  const padding = `?q=${'x'.repeat(7_000)}`;
  let seq = 0;
  let answer: Answer | null = null;
  do answer = await ask(`${url}${requestPath(seq++)}${padding}`, { withinMs: 400 });
  while (answer !== null && seq < 30);
  expect(answer).toBeNull();

  // A range arrives but for its end; what fits the server's buffer does not begin to arrive.
  let rangeBytes = 0;
  let smallBytes = 0;
  const hanging = await Promise.all([
    ask(`${url}${requestPath(seq++)}`, {
      withinMs: 400,
      headers: { range: 'bytes=0-16383' },
      onBytes: (bytes) => {
        rangeBytes += bytes;
      },
    }),
    ask(`${url}${requestPath(seq++)}`, {
      withinMs: 400,
      headers: { range: 'bytes=0-99' },
      onBytes: (bytes) => {
        smallBytes += bytes;
      },
    }),
  ]);
  expect(hanging).toEqual([null, null]);
  expect(rangeBytes).toBeGreaterThan(12_000);
  expect(rangeBytes).toBeLessThan(16_384);
  expect(smallBytes).toBe(0);
  expect(await ask(`${url}/ping`, { withinMs: 300 })).toMatchObject({ status: 200 });
  await until('the open write is an event', () => existsSync(join(folder.path, 'web.events')), 500);

  // Clients went away, but the backend had answered: the lines are still written once the pipe is read.
  let text = '';
  webOut.read((chunk) => {
    text += chunk.toString();
  });
  expect(await webPart.call('stop', { withinMs: 2_000 })).toEqual({ writtenLines: seq, waitingLines: 0 });
  await until('all lines', () => text.split('\n').length === seq + 1, 1_000);
  expect(text).not.toContain(' 499 ');
});

test('a queueing app serves on behind a blocked pipe while its waiting lines grow', async () => {
  using folder = makeFolder();
  using out = makeFifo(folder.path, 'media');
  await using part = await startPart('app/media.js', appConfig(folder.path, 'media'), { stdout: out.writeEnd });
  const padding = `?q=${'x'.repeat(3_000)}`;
  for (let seq = 0; seq < 60; seq++)
    expect(await ask(`${part.info.url}${requestPath(seq, 'media')}${padding}`, { withinMs: 500 })).toMatchObject({
      status: 200,
    });
  await sleep(250);
  const { writtenLines, waitingLines } = (await part.call('stop', { withinMs: 50 })) as {
    writtenLines: number;
    waitingLines: number;
  };
  expect(writtenLines + waitingLines).toBe(60);
  expect(waitingLines).toBeGreaterThan(30);
  const open = records(join(folder.path, 'media.bin'), LINE_KINDS.written).filter(({ value }) => value === 0);
  expect(open.length).toBe(waitingLines);
});

test('a one-threaded blocking app stops serving when its pipe is full, and the publisher still tells', async () => {
  using folder = makeFolder();
  using out = makeFifo(folder.path, 'media');
  const config = appConfig(folder.path, 'media', { writes: 'blocking' });
  await using part = await startPart('app/media.js', config, { stdout: out.writeEnd });
  const padding = `?q=${'x'.repeat(7_000)}`;
  let served = 0;
  while (served < 30 && (await ask(`${part.info.url}${requestPath(served, 'media')}${padding}`, { withinMs: 400 })))
    served++;
  expect(served).toBeLessThan(12);
  expect(await ask(`${part.info.url}/api/v1/ping`, { withinMs: 300 })).toBeNull();
  await until(
    'the open write is an event',
    () => existsSync(config.eventsFile) && readFileSync(config.eventsFile, 'utf8').includes('"queued":false'),
    500,
  );
});

test('a proxy without its backend answers 502 and logs it', async () => {
  using folder = makeFolder();
  using out = makeFifo(folder.path, 'web');
  let text = '';
  out.read((chunk) => {
    text += chunk.toString();
  });
  await using part = await startPart(
    'app/proxy.js',
    appConfig(folder.path, 'web', { backendUrl: 'http://127.0.0.1:1', shape: 'traefik-json' }),
    { stdout: out.writeEnd },
  );
  expect(await ask(`${part.info.url}${requestPath(0)}`)).toEqual({ status: 502, body: Buffer.from('Bad Gateway') });
  await until('its line', () => text.endsWith('\n'), 500);
  expect(JSON.parse(text)).toMatchObject({ DownstreamStatus: 502, RequestPath: requestPath(0) });
});

test('the control emitter measures each second what the machine does to an app that is always read', async () => {
  using folder = makeFolder();
  using out = makeFifo(folder.path, 'control');
  let text = '';
  out.read((chunk) => {
    text += chunk.toString();
  });
  await using part = await startPart('app/control.js', {}, { stdout: out.writeEnd });
  await until('two probes', () => part.events.length >= 2, 3_000);
  for (const { kind, data } of part.events) {
    expect(kind).toBe('probe');
    expect(data).toMatchObject({ probe: 'control' });
    const { maxWriteMs, maxLatenessMs } = data as { maxWriteMs: number; maxLatenessMs: number };
    expect(maxWriteMs).toBeGreaterThan(0);
    expect(maxLatenessMs).toBeGreaterThan(0);
    expect(maxLatenessMs).toBeLessThan(500);
  }
  expect(text.split('\n').length).toBeGreaterThan(15);
  expect(text.split('\n')[3]).toMatch(/^control 3 \.+$/);
  const { writtenLines } = await part.call('stop', { withinMs: 100 });
  expect(writtenLines).toBeGreaterThan(15);
});
