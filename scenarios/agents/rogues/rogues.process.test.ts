// Each planted defect shows itself under the very disturbance under which the healthy control shows nothing.

import { describe, expect, test } from 'vitest';
import { type FakeDocker, type Push, startFakeDocker } from '../testing/fake-docker.ts';

const LINES = 400;
const line = (n: number): string => `line-${n} "GET /a" \\ ${'x'.repeat(60)} end`;
const rogue = (name: string, ...args: string[]): string[] => [
  name === 'healthy' ? 'healthy/agent.mjs' : `rogues/${name}/agent.mjs`,
  ...args,
];

/** Lines in the pushes that were accepted. */
function stored(pushes: Push[]): string[] {
  type Body = { streams: { values: [string, string][] }[] };
  return pushes
    .filter(({ status }) => status === 204)
    .flatMap(({ body }) =>
      (JSON.parse(body.toString()) as Body).streams.flatMap(({ values }) => values.map(([, text]) => text)),
    );
}

const sendLines = async (docker: FakeDocker, from: number, to: number): Promise<void> => {
  for (let n = from; n < to; n++) await docker.send(line(n));
};

const all = Array.from({ length: LINES }, (_, n) => line(n));

describe.concurrent('healthy', () => {
  test.each([429, 500, 503])(
    'stores every line once after refusals with %i, in order, and prints no payload',
    async (status) => {
      await using docker = await startFakeDocker(rogue('healthy'), {
        answer: ({ n }) => ({ status: n <= 2 ? status : 204 }),
      });
      await sendLines(docker, 0, LINES);
      await docker.waitFor(() => docker.pushes.length > 2, 'a push that is accepted');
      expect(await docker.stop()).toBe(0);
      expect(stored(docker.pushes)).toEqual(all);
      expect(docker.printed()).not.toContain('line-');
    },
  );

  test('joins lines of more than 16 KiB, bytes for bytes', async () => {
    await using docker = await startFakeDocker(rogue('healthy'));
    const long = 'é'.repeat(20_000);
    const exact = 'x'.repeat(16_384);
    await docker.send(`a${long}`);
    await docker.send(exact);
    expect(await docker.stop()).toBe(0);
    expect(stored(docker.pushes)).toEqual([`a${long}`, exact]);
  });

  test('splits what is too large', async () => {
    const answer = ({ body }: { body: Buffer }) => ({ status: body.length > 20_000 ? 413 : 204 });
    await using docker = await startFakeDocker(rogue('healthy'), { answer });
    await sendLines(docker, 0, LINES);
    await docker.waitFor(() => stored(docker.pushes).length === LINES, 'all lines');
    expect(stored(docker.pushes)).toEqual(all);
  });

  test('its own log routed back into itself stays small', async () => {
    await using docker = await startFakeDocker(rogue('healthy'), {
      answer: ({ n }) => ({ status: n <= 3 ? 500 : 204 }),
    });
    docker.routeSelf('agents.healthy');
    await sendLines(docker, 0, LINES);
    await docker.waitFor(() => stored(docker.pushes).length >= LINES, 'all lines');
    expect(await docker.stop()).toBe(0);
    expect(docker.printed().length).toBeLessThan(1_000);
  });
});

describe.concurrent('rogues', () => {
  test('echoes-refused-payloads prints payload, and loses nothing', async () => {
    await using docker = await startFakeDocker(rogue('echoes-refused-payloads'), {
      answer: ({ n }) => ({ status: n === 1 ? 500 : 204 }),
    });
    await sendLines(docker, 0, LINES);
    await docker.waitFor(() => docker.pushes.length > 1, 'a second push');
    expect(await docker.stop()).toBe(0);
    expect(docker.printed()).toContain('line-7 ');
    expect(stored(docker.pushes)).toEqual(all);
  });

  test('echoes-refused-payloads routed to itself howls on when nobody refuses any more but the longest lines', async () => {
    const LINE_MAX = 262_144;
    const answer = ({ body, n }: { body: Buffer; n: number }) => {
      const longest = Math.max(...stored([{ path: '', body, status: 204 }]).map(({ length }) => length));
      return { status: n <= 4 ? 500 : longest > LINE_MAX ? 400 : 204 };
    };
    await using docker = await startFakeDocker(rogue('echoes-refused-payloads'), { answer });
    docker.routeSelf('agents.rogue');
    for (let n = 0; n < 3_000; n++) await docker.send(line(n));
    await docker.waitFor(() => docker.pushes.length > 12, 'pushes of its own', 30_000);
    const before = docker.printed().length;
    await docker.waitFor(() => docker.printed().length > before + 1e6, 'more of the same', 30_000);
    expect(docker.pushes.at(-1)?.status).toBe(400);
  });

  test('stops-reading leaves its socket full', async () => {
    await using docker = await startFakeDocker(rogue('stops-reading', '100'));
    let isRead = true;
    for (let n = 0; n < 50_000 && isRead; n++) isRead = await docker.send(line(n));
    expect(isRead).toBe(false);
  });

  test('drops-on-429 loses a batch at 429 and none at 500', async () => {
    await using docker = await startFakeDocker(rogue('drops-on-429'), {
      answer: ({ n }) => ({ status: [500, 429][n - 1] ?? 204 }),
    });
    await sendLines(docker, 0, 10);
    await docker.waitFor(() => docker.pushes.length === 2, 'the 429');
    await sendLines(docker, 10, 20);
    expect(await docker.stop()).toBe(0);
    expect(stored(docker.pushes)).toEqual(all.slice(10, 20));
  });

  test('acks-and-dies crashes at the first push that is not taken', async () => {
    await using docker = await startFakeDocker(rogue('acks-and-dies'), { answer: () => ({ status: 503 }) });
    await sendLines(docker, 0, 10);
    expect(await docker.exited).toBe(70);
    expect(docker.pushes).toHaveLength(1);
  });

  test('loops-inside pushes events about its events while its stdout stays quiet', async () => {
    await using docker = await startFakeDocker(rogue('loops-inside'), {
      answer: ({ n }) => ({ status: n === 1 ? 500 : 204 }),
    });
    await sendLines(docker, 0, LINES);
    await docker.waitFor(() => docker.pushes.length >= 5, 'three rounds');
    const own = docker.pushes.map(({ body }) => (body.toString().match(/level=error/g) ?? []).length);
    expect(own.slice(-2)).toEqual([LINES, LINES]);
    expect(docker.printed().length).toBeLessThan(500);
    expect(await docker.stop()).toBe(0);
    expect(stored(docker.pushes).filter((text) => text.startsWith('line-'))).toEqual(all);
  });

  test('drops-one-in-a-thousand drops the same few lines each time and stores all others', async () => {
    const numbered = (n: number): string => `lrs1-run001-web-${n}-24-00000000`;
    const missing: string[][] = [];
    for (let repeat = 0; repeat < 2; repeat++) {
      await using docker = await startFakeDocker(rogue('drops-one-in-a-thousand'));
      for (let n = 0; n < 6_000; n++) await docker.send(numbered(n));
      expect(await docker.stop()).toBe(0);
      const kept = new Set(stored(docker.pushes));
      missing.push(Array.from({ length: 6_000 }, (_, n) => numbered(n)).filter((text) => !kept.has(text)));
    }
    expect(missing[0]?.length).toBeGreaterThan(0);
    expect(missing[0]?.length).toBeLessThan(20);
    expect(missing[1]).toEqual(missing[0]);
  });
});
