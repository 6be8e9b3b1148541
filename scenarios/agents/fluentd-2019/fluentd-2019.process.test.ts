// The planted founding defect against what was measured on the real parts: its lines, its sizes, its loop, its wait.

import { describe, expect, test } from 'vitest';
import { startFakeDocker } from '../testing/fake-docker.ts';

const GRPC_MESSAGE_MAX = 4_194_304;
const MAIN = 'fluentd-2019/main.mjs';
/** PeerTube's line of 284 characters, as in the measured runs. */
const LINE =
  `${'[video.example.net:443] 2019-05-12 20:17:03.643 \x1b[32minfo\x1b[39m: 2a01:: - - [12/May/2019:20:17:03 +0000] "GET /static/webseed/'.padEnd(190, 'a')}-360.mp4 HTTP/1.1" 206 16384 "https://video.example.net/videos/watch/b" "Other"`.padEnd(
    284,
    ' ',
  );

const refuse = () => ({
  status: 500,
  body: `rpc error: code = ResourceExhausted desc = grpc: received message larger than max (5191627 vs. ${GRPC_MESSAGE_MAX})\n`,
});

/** What Loki's protobuf form of a legacy JSON body weighs. */
function protobufBytes(body: Buffer): number {
  const field = (size: number): number => 1 + (size < 128 ? 1 : size < 16_384 ? 2 : size < 2_097_152 ? 3 : 4) + size;
  const { streams } = JSON.parse(body.toString()) as { streams: { labels: string; entries: { line: string }[] }[] };
  const sizes = streams.map(({ labels, entries }) => {
    const lines = entries.map(({ line }) => field(field(6) + field(Buffer.byteLength(line))));
    return field(field(labels.length) + lines.reduce((sum, size) => sum + size, 0));
  });
  return sizes.reduce((sum, size) => sum + size, 0);
}

const longestRun = (text: string): number =>
  (text.match(/\\+/g) ?? []).reduce((longest, run) => Math.max(longest, run.length), 0);

describe.concurrent('fluentd-2019', () => {
  test('pushes the shape of 2019 and says what it sends', async () => {
    await using docker = await startFakeDocker([MAIN, '--flush-interval', '300ms']);
    await docker.send('a "quoted" line');
    await docker.waitFor(() => docker.pushes.length === 1, 'a push');
    expect(docker.pushes[0]?.path).toBe('/api/prom/push');
    expect(docker.pushes[0]?.body.toString()).toBe(
      `{"streams":[{"labels":"{app=\\"video\\",service=\\"peertube\\",tag=\\"video.peertube\\",instance=\\"joke\\"}","entries":[{"ts":"2026-11-22T14:26:15.000000Z","line":"log=\\"a \\"quoted\\" line\\" container_id=\\"${'0'.repeat(64)}\\" container_name=\\"/peertube\\" source=\\"stdout\\""}]}]}`,
    );
    const size = docker.pushes[0]?.body.length;
    await docker.waitFor(() => docker.printed().includes('sending'), 'its line');
    expect(docker.printed()).toMatch(
      new RegExp(`^\\d{4}-\\d\\d-\\d\\d \\d\\d:\\d\\d:\\d\\d \\+0000 \\[info\\]: #0 sending ${size} bytes$`, 'm'),
    );
  });

  test('prints what is refused in one line, and does not try again', async () => {
    await using docker = await startFakeDocker([MAIN, '--flush-interval', '300ms'], {
      answer: ({ n }) => (n === 1 ? refuse() : { status: 204 }),
    });
    for (let n = 0; n < 200; n++) await docker.send(LINE);
    await docker.waitFor(() => docker.printed().includes('{"streams"'), 'the payload');
    await docker.send('later');
    await docker.waitFor(() => docker.pushes.length === 2, 'the next push');
    const body = docker.pushes[0]?.body.toString() ?? '';
    const lines = docker.printed().split('\n');
    const at = lines.findIndex((line) => line.includes('failed to POST'));
    expect(lines[at]).toMatch(
      /\[warn\]: #0 failed to POST http:\/\/127\.0\.0\.1:\d+\/api\/prom\/push \(500 Internal Server Error rpc error: code = ResourceExhausted .*\(5191627 vs\. 4194304\)$/,
    );
    expect(lines[at + 1]).toBe(')');
    expect(lines[at + 2]?.slice(26)).toBe(`[warn]: #0 ${body}`);
    expect(docker.pushes[1]?.body.toString()).not.toContain('360.mp4');
  });

  test('ten seconds at a thousand requests make a body that Loki refuses: JSON 6.9 MB, 1.17 times the protobuf', async () => {
    const accept = ({ body }: { body: Buffer }) =>
      protobufBytes(body) > GRPC_MESSAGE_MAX ? refuse() : { status: 204 };
    await using docker = await startFakeDocker([MAIN, '--flush-interval', '4s'], { answer: accept });
    await docker.send(LINE);
    await docker.waitFor(() => docker.pushes.length === 1, 'the small push');
    for (let n = 0; n < 10_336; n++) {
      await docker.send(LINE);
      await docker.send('');
    }
    await docker.waitFor(() => docker.pushes.reduce((sum, { body }) => sum + body.length, 0) > 6e6, 'the large push');
    const large = docker.pushes.find(({ body }) => body.length > 4e6);
    expect(docker.pushes.map(({ status }) => status)).toEqual(
      docker.pushes.map((push) => (push === large ? 500 : 204)),
    );
    // Measured: 6,904,442 bytes with 248,056 backslashes for 10,336 requests.
    expect(large?.body.length).toBeGreaterThan(6_904_442 * 0.9);
    expect(large?.body.length).toBeLessThan(6_904_442 * 1.1);
    expect(large!.body.length / protobufBytes(large!.body)).toBeCloseTo(1.17, 1);
    expect(longestRun(large!.body.toString())).toBe(1);
  });

  test('routed back into itself it doubles its backslashes each round: 2^n − 1', async () => {
    await using docker = await startFakeDocker([MAIN, '--flush-interval', '300ms'], { answer: refuse });
    docker.routeSelf('agents.fluentd');
    for (let n = 0; n < 20; n++) await docker.send(LINE);
    await docker.waitFor(
      () => docker.pushes.some(({ body }) => longestRun(body.toString()) >= 31),
      'five generations',
      60_000,
    );
    const runs = [...new Set(docker.pushes.map(({ body }) => longestRun(body.toString())))];
    expect(runs.slice(0, 5)).toEqual([1, 3, 7, 15, 31]);
  });

  test('a full buffer is a line of 113 bytes, a lost record and a closed connection; a flush makes room', async () => {
    await using docker = await startFakeDocker([MAIN, '--flush-interval', '2s', '--total-limit', '20KB']);
    for (let n = 0; n < 100; n++) await docker.send(LINE);
    await docker.waitFor(() => docker.printed().includes('unexpected error'), 'the overflow');
    const warning = docker
      .printed()
      .split('\n')
      .find((line) => line.includes('buffer overflow'));
    expect(Buffer.byteLength(`${warning}\n`)).toBe(113);
    await docker.waitFor(() => docker.pushes.length > 0, 'the flush');
    for (let attempt = 0; attempt < 40; attempt++) {
      await docker.send('after the flush');
      await new Promise((resolve) => setTimeout(resolve, 100));
    }
    expect(docker.pushes.some(({ body }) => body.includes('after the flush'))).toBe(true);
    expect(
      docker.pushes.reduce((sum, { body }) => sum + (body.toString().match(/360\.mp4/g)?.length ?? 0), 0),
    ).toBeLessThan(100);
  });

  test('with nobody at its stdout both threads block and it reads no more: the circular wait', async () => {
    await using docker = await startFakeDocker([MAIN, '--flush-interval', '300ms', '--total-limit', '3MB'], {
      answer: refuse,
    });
    await docker.send(LINE);
    await docker.waitFor(() => docker.printed().includes('failed to POST'), 'the first refusal');
    docker.child.stdout?.pause();
    let isRead = true;
    for (let n = 0; n < 60_000 && isRead; n++) isRead = await docker.send(LINE);
    expect(isRead).toBe(false);
    expect(await docker.stop(1_000)).toBe('SIGKILL');
  });

  test('SIGTERM flushes what it holds', async () => {
    await using docker = await startFakeDocker([MAIN]);
    await docker.send('the last line');
    expect(await docker.stop()).toBe(0);
    expect(docker.pushes.map(({ body }) => body.includes('the last line'))).toEqual([true]);
  });
});
