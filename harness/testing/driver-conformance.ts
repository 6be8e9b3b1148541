// What Docker's fluentd log driver does that can be seen from outside, as one suite: run over the embedded driver in
// its own process and over the daemon's own. The emulated driver is trusted because it passes what the real one passes.
//
//   program (a Node script) ──stdout, stderr──► driver under test ──unix socket──► a server of the test
//
// Each behaviour is a row: a title, what is expected, and what was measured in the same words. With
// LARSEN_FIDELITY_DIR the rows are written there as JSON, one file per driver.

import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { sleep } from '../core/real-clock.ts';
import { createTestServer, type ServedMessage, type ServerUnderTest } from './forward-server.ts';

/** One program behind the driver. */
export interface DriverRun {
  /** Docker's error when the container could not start, null: it runs. */
  error: string | null;
  /** Name of the container, without slash, and its id. */
  name: string;
  id: string;
  /** The program has ended and the driver has delivered all it held; false: not within the time. */
  ended(withinMs: number): Promise<boolean>;
  /** Asks the container to stop, as `docker stop -t 1`; false: not within the time. */
  stop(withinMs: number): Promise<boolean>;
}

/** How to run one. */
export interface DriverRunOptions {
  /** Text of a Node script; it may use `require`. */
  script: string;
  /** Log-opts without `fluentd-address`. */
  options: Record<string, string>;
  labels?: Record<string, string>;
  env?: Record<string, string>;
}

/** The driver to be tried. */
export interface DriverUnderTest {
  name: string;
  /** Starts what is needed to run programs; `folder` holds the socket `agent.sock` and is seen by the programs. */
  open(folder: string): Promise<{ run(options: DriverRunOptions): Promise<DriverRun> } & AsyncDisposable>;
}

const SOCKET = 'agent.sock';
/** Lines of 99 bytes, as many as asked, with the count of finished writes in a file beside the socket. */
const FLOOD = (count: number): string => `
const fs = require('node:fs');
const done = Buffer.alloc(4);
const counter = fs.openSync(process.env.LARSEN_FOLDER + '/count', 'w');
for (let seq = 0; seq < ${count}; seq++) {
  fs.writeSync(1, String(seq).padEnd(99, 'x') + '\\n');
  done.writeUInt32LE(seq + 1);
  fs.writeSync(counter, done, 0, 4, 0);
}`;
const WRITE = (text: string, fd = 1): string =>
  `require('node:fs').writeSync(${fd}, Buffer.from(${JSON.stringify(Buffer.from(text, 'latin1').toString('base64'))}, 'base64'));`;

/** Registers the suite. */
export function driverConformance({ name, open }: DriverUnderTest): void {
  describe(name, () => {
    let folder = '';
    let world: Awaited<ReturnType<DriverUnderTest['open']>>;
    let server: ServerUnderTest | null = null;
    const rows: { title: string; expected: string; measured: string }[] = [];

    beforeAll(() => {
      rows.length = 0;
    });
    beforeEach(async () => {
      folder = mkdtempSync(join(tmpdir(), 'larsen-dc-'));
      world = await open(folder);
    });
    afterEach(async () => {
      // A frozen server holds its container for ever: it reads again before anything is removed.
      server?.thaw();
      if (!server) server = await createTestServer(join(folder, SOCKET));
      await world[Symbol.asyncDispose]();
      await server.close();
      server = null;
      rmSync(folder, { recursive: true, force: true });
    });
    afterAll(() => {
      const target = process.env.LARSEN_FIDELITY_DIR;
      if (!target) return;
      mkdirSync(target, { recursive: true });
      writeFileSync(
        join(target, `driver-${name.replace(/\W+/g, '-')}.json`),
        `${JSON.stringify({ name, rows }, null, 2)}\n`,
      );
    });

    const listen = async (frozen = false): Promise<ServerUnderTest> => {
      server = await createTestServer(join(folder, SOCKET), { frozen });
      return server;
    };
    const run = (script: string, options: Record<string, string> = {}, over: Partial<DriverRunOptions> = {}) =>
      world.run({ script, options, ...over });
    /** Runs a program to its end and gives what arrived. */
    const messages = async (...args: Parameters<typeof run>): Promise<ServedMessage[]> => {
      const at = await listen();
      const { error, ended } = await run(...args);
      expect(error).toBeNull();
      expect(await ended(20_000)).toBe(true);
      await sleep(100);
      return at.messages();
    };
    const row = (title: string, expected: string, measure: () => Promise<string>) =>
      it(`${title}: ${expected}`, async () => {
        const measured = await measure();
        rows.push({ title, expected, measured });
        expect(measured).toBe(expected);
      });
    /** A number that depends on the kernel's accounting and the moment: within so many percent. */
    const near = (
      title: string,
      { expected, percent }: { expected: number; percent: number },
      measure: () => Promise<number>,
    ) =>
      it(`${title}: ${expected} ± ${percent} %`, async () => {
        const measured = await measure();
        rows.push({ title, expected: `${expected} ± ${percent} %`, measured: String(measured) });
        expect(Math.abs(measured - expected) / expected).toBeLessThanOrEqual(percent / 100);
      });

    for (const [bytes, pieces] of [
      [16_382, '16382'],
      [16_383, '16383'],
      [16_384, '16384:1:false 0:2:true'],
      [16_385, '16384:1:false 1:2:true'],
      [32_767, '16384:1:false 16383:2:true'],
      [32_768, '16384:1:false 16384:2:false 0:3:true'],
      [49_153, '16384:1:false 16384:2:false 16384:3:false 1:4:true'],
    ] as const)
      row(`a line of ${bytes} bytes, as bytes:ordinal:last of its pieces`, pieces, async () => {
        const got = await messages(WRITE(`${'x'.repeat(bytes)}\n`));
        return got
          .map(({ record: { log, partial_ordinal, partial_last } }) =>
            [log!.length, partial_ordinal, partial_last].filter((part) => part !== undefined).join(':'),
          )
          .join(' ');
      });
    row('pieces of a line', 'one id of 64 hex digits, one time, partial_message true on each', async () => {
      const got = await messages(WRITE(`${'x'.repeat(40_000)}\n`), { 'fluentd-sub-second-precision': 'true' });
      const ids = new Set(got.map(({ record }) => record.partial_id));
      const isId = /^[0-9a-f]{64}$/.test([...ids][0] ?? '') && ids.size === 1;
      const times = new Set(got.map(({ timeHex }) => timeHex)).size === 1;
      const marked = got.length === 3 && got.every(({ record }) => record.partial_message === 'true');
      return `${isId ? 'one id of 64 hex digits' : [...ids].join()}, ${times ? 'one time' : 'several times'}, partial_message ${marked ? 'true on each' : 'not on each'}`;
    });
    const texts = async (written: string): Promise<string> => {
      const got = await messages(WRITE(written));
      return got
        .map(
          ({ record: { partial_last }, log }) =>
            JSON.stringify(log.toString('latin1')) + (partial_last ? ` last=${partial_last}` : ''),
        )
        .join(' ');
    };
    row('two empty lines', '"" ""', () => texts('\n\n'));
    row('no newline at the end', '"a" "b" last=false', () => texts('a\nb'));
    row('CR before the newline', '"a\\r"', () => texts('a\r\n'));
    row('NUL', '"a\\u0000b"', () => texts('a\0b\n'));
    row('bytes that are not UTF-8', JSON.stringify('a\xff\xc3b'), () => texts('a\xff\xc3b\n'));
    row('ANSI escapes', JSON.stringify('\x1b[31mred\x1b[0m'), () => texts('\x1b[31mred\x1b[0m\n'));
    row('order within a stream of 2,000 lines', 'kept', async () => {
      const got = await messages(FLOOD(2_000));
      return got.length === 2_000 && got.every(({ record }, seq) => Number.parseInt(record.log!, 10) === seq)
        ? 'kept'
        : `${got.length} lines, not in order`;
    });
    row('source of stdout and stderr', 'stderr=e stdout=o', async () => {
      const got = await messages(WRITE('o\n') + WRITE('e\n', 2));
      return got
        .map(({ record: { source, log } }) => `${source}=${log}`)
        .sort()
        .join(' ');
    });
    row('keys of a plain line', 'container_id container_name log source', async () => {
      const [got] = await messages(WRITE('a\n'));
      return Object.keys(got!.record).sort().join(' ');
    });
    row('container_name and container_id', '/name and 64 hex digits', async () => {
      const at = await listen();
      const { name: given, id, ended } = await run(WRITE('a\n'));
      await ended(20_000);
      const { container_name, container_id } = at.messages()[0]!.record;
      return `${container_name === `/${given}` ? '/name' : container_name} and ${container_id === id && /^[0-9a-f]{64}$/.test(id) ? '64 hex digits' : container_id}`;
    });
    row('time', 'd2 + 4 bytes, seconds of now', async () => {
      const { timeHex } = (await messages(WRITE('a\n')))[0]!;
      return `${timeHex.slice(0, 2)} + ${timeHex.length / 2 - 1} bytes, ${describeAge(Number.parseInt(timeHex.slice(2), 16))}`;
    });
    row('time with fluentd-sub-second-precision', 'd700 + 8 bytes, seconds of now, nanoseconds', async () => {
      const { timeHex } = (await messages(WRITE('a\n'), { 'fluentd-sub-second-precision': 'true' }))[0]!;
      const nanos = Number.parseInt(timeHex.slice(12), 16);
      return `${timeHex.slice(0, 4)} + ${timeHex.length / 2 - 2} bytes, ${describeAge(Number.parseInt(timeHex.slice(4, 12), 16))}, ${nanos > 0 && nanos < 1e9 ? 'nanoseconds' : nanos}`;
    });
    row('fourth element', '{}', async () => JSON.stringify((await messages(WRITE('a\n')))[0]!.option));
    row('tag without the option', 'the first 12 digits of the id', async () => {
      const at = await listen();
      const { id, ended } = await run(WRITE('a\n'));
      await ended(20_000);
      const { tag } = at.messages()[0]!;
      return tag === id.slice(0, 12) ? 'the first 12 digits of the id' : tag;
    });
    row('tag docker.{{.Name}}.{{.ID}}.{{.FullID}}.{{.DaemonName}}', 'filled in', async () => {
      const at = await listen();
      const {
        id,
        name: given,
        ended,
      } = await run(WRITE('a\n'), { tag: 'docker.{{.Name}}.{{.ID}}.{{.FullID}}.{{.DaemonName}}' });
      await ended(20_000);
      const { tag } = at.messages()[0]!;
      return tag === `docker.${given}.${id.slice(0, 12)}.${id}.docker` ? 'filled in' : tag;
    });
    row('tag {{.ID | truncate}}', 'not started, with the words of Go', async () => {
      await listen();
      const { error } = await run(WRITE('a\n'), { tag: '{{.ID | truncate}}' });
      const text =
        'template: log-tag:1:8: executing "log-tag" at <truncate>: wrong number of args for truncate: want 2 got 1';
      return error?.includes(`failed to initialize logging driver: ${text}`)
        ? 'not started, with the words of Go'
        : String(error);
    });
    row('tag of functions, variables, if and range', 'APP/6-A+com.a=1 com.b=2 other=3 <no value>', async () => {
      const tag =
        '{{$x := index .ContainerLabels "com.a"}}{{if eq $x "1"}}{{upper "app"}}{{end}}/{{len "héllo"}}-{{title "a"}}+' +
        '{{range $k, $v := .ContainerLabels}}{{if lt $v "4"}}{{$k}}={{$v}} {{end}}{{end}}{{.ContainerLabels.none}}';
      const [got] = await messages(WRITE('a\n'), { tag }, { labels: { 'com.a': '1', 'com.b': '2', other: '3' } });
      return got!.tag;
    });
    const extras = { labels: { 'com.a': '1', 'com.b': '2', other: '3' }, env: { MODE: 'x', MODEL: 'y', REST: 'z' } };
    const extraKeys = async (options: Record<string, string>): Promise<string> => {
      const { record } = (await messages(WRITE('a\n'), options, extras))[0]!;
      const own = ['container_id', 'container_name', 'log', 'source'];
      return Object.entries(record)
        .filter(([key]) => !own.includes(key))
        .map(([key, value]) => `${key}=${value}`)
        .sort()
        .join(' ');
    };
    row('labels and env', 'MODE=x com.a=1', () => extraKeys({ labels: 'com.a,none', env: 'MODE,NONE' }));
    row('labels-regex and env-regex', 'MODE=x MODEL=y com.a=1 com.b=2', () =>
      extraKeys({ 'labels-regex': '^com\\.', 'env-regex': '^MODE' }),
    );
    row('a label named log', 'takes the place of the line', async () => {
      const { record } = (await messages(WRITE('a\n'), { labels: 'log' }, { labels: { log: 'mine' } }))[0]!;
      return record.log === 'mine' ? 'takes the place of the line' : record.log!;
    });

    row(
      'sync start without a listener',
      'failed to initialize logging driver: dial unix SOCKET: connect: no such file or directory',
      async () => {
        const { error } = await run(WRITE('a\n'));
        const text = (error ?? 'started').replace(join(folder, SOCKET), 'SOCKET');
        return text.slice(Math.max(0, text.indexOf('failed to initialize'))).trim();
      },
    );
    row('async start without a listener that comes a second later', 'starts, then delivers', async () => {
      const { error, ended } = await run(`${WRITE('a\n')}setTimeout(() => 0, 4000)`, { 'fluentd-async': 'true' });
      await sleep(1_000);
      const at = await listen();
      await ended(20_000);
      return `${error ?? 'starts'}, then ${at.messages().length === 1 ? 'delivers' : 'does not deliver'}`;
    });
    row('an unknown log-opt', "unknown log opt 'fluentd-asynch' for fluentd log driver", async () => {
      await listen();
      const { error } = await run(WRITE('a\n'), { 'fluentd-asynch': 'true' });
      return /unknown log opt '[^']*' for fluentd log driver/.exec(error ?? '')?.[0] ?? String(error);
    });

    near(
      'lines of 100 bytes until a program blocks, sync, frozen agent',
      { expected: 11_935, percent: 5 },
      async () => {
        await listen(true);
        await run(FLOOD(40_000));
        return settledCount(folder);
      },
    );
    near(
      'lines delivered of 20,000, async, limit 1,000, agent frozen and thawed',
      { expected: 1_168, percent: 5 },
      async () => {
        const at = await listen(true);
        await run(`${FLOOD(20_000)}setTimeout(() => 0, 3000)`, {
          'fluentd-async': 'true',
          'fluentd-buffer-limit': '1000',
        });
        expect(await settledCount(folder)).toBe(20_000);
        await sleep(500);
        at.thaw();
        await sleep(1_500);
        return at.messages().length;
      },
    );
    near(
      'lines delivered of 30,000, non-blocking 1m, agent frozen and thawed',
      { expected: 10_759, percent: 5 },
      async () => {
        const at = await listen(true);
        await run(`${FLOOD(30_000)}setTimeout(() => 0, 3000)`, { mode: 'non-blocking', 'max-buffer-size': '1m' });
        expect(await settledCount(folder)).toBe(30_000);
        await sleep(500);
        at.thaw();
        await sleep(2_000);
        return at.messages().length;
      },
    );
    row('what a full queue drops', 'the newest', async () => {
      const at = await listen(true);
      await run(`${FLOOD(20_000)}setTimeout(() => 0, 3000)`, {
        'fluentd-async': 'true',
        'fluentd-buffer-limit': '1000',
      });
      await settledCount(folder);
      await sleep(500);
      at.thaw();
      await sleep(1_500);
      const seqs = at.messages().map(({ record }) => Number.parseInt(record.log!, 10));
      // The queue may fill for the first time before the socket is full: a few early lines are dropped then.
      return Math.max(...seqs) < 5_000 ? 'the newest' : `others: ${seqs.length} came, up to ${Math.max(...seqs)}`;
    });

    near(
      'lines lost when the frozen agent is replaced, sync, 100-byte lines',
      { expected: 167, percent: 5 },
      async () => {
        const first = await listen(true);
        await run(FLOOD(13_000));
        await settledCount(folder);
        await first.close();
        const second = await listen();
        await waitFor(() => second.messages().at(-1)?.record.log?.startsWith('12999') ?? false, 20_000);
        return 13_000 - second.messages().length;
      },
    );
    row('lines that arrive twice when the agent is replaced', 'none', async () => {
      const first = await listen(true);
      await run(FLOOD(12_500));
      await settledCount(folder);
      await first.close();
      const second = await listen();
      await waitFor(() => second.messages().at(-1)?.record.log?.startsWith('12499') ?? false, 20_000);
      const logs = second.messages().map(({ record }) => record.log);
      return new Set(logs).size === logs.length ? 'none' : String(logs.length - new Set(logs).size);
    });
    row('fluentd-request-ack: a chunk id of 24 characters, and messages in flight', '24 characters, 1', async () => {
      const at = await listen();
      await run(FLOOD(20), { 'fluentd-request-ack': 'true' });
      await waitFor(() => at.messages().length > 0, 5_000);
      await sleep(500);
      const [{ option }] = at.messages() as [ServedMessage];
      const inFlight = at.messages().length;
      at.ackAll();
      await waitFor(() => at.messages().length === 20, 10_000);
      return `${(option as { chunk: string }).chunk.length} characters, ${inFlight}`;
    });
    row('a message that was not acked when the agent died', 'sent again', async () => {
      const first = await listen();
      await run(`${WRITE('only\n')}setTimeout(() => 0, 8000)`, { 'fluentd-request-ack': 'true' });
      await waitFor(() => first.messages().length === 1, 5_000);
      await first.close();
      const second = await listen();
      second.ackAll();
      await waitFor(() => second.messages().length > 0, 15_000);
      return second.messages()[0]?.record.log === 'only' ? 'sent again' : 'not sent again';
    });

    row('stop with a reading agent', 'ends', async () => {
      await listen();
      const { stop } = await run(`${WRITE('a\n')}setInterval(() => 0, 1000)`);
      await waitFor(() => server!.messages().length === 1, 5_000);
      return (await stop(15_000)) ? 'ends' : 'hangs';
    });
    row('stop with a frozen agent that holds back the program, sync', 'hangs', async () => {
      await listen(true);
      const { stop } = await run(FLOOD(40_000));
      await settledCount(folder);
      return (await stop(15_000)) ? 'ends' : 'hangs';
    });
  });
}

function describeAge(seconds: number): string {
  return Math.abs(Date.now() / 1_000 - seconds) < 60 ? 'seconds of now' : String(seconds);
}

/** Lines whose write(2) has returned, once no more are for a while. */
async function settledCount(folder: string): Promise<number> {
  const { existsSync, readFileSync } = await import('node:fs');
  const path = join(folder, 'count');
  const read = (): number => {
    const bytes = existsSync(path) ? readFileSync(path) : Buffer.alloc(0);
    return bytes.length < 4 ? 0 : bytes.readUInt32LE(0);
  };
  for (let before = -1, waitedMs = 0; waitedMs < 30_000; waitedMs += 800) {
    const now = read();
    if (now > 0 && now === before) break;
    before = now;
    await sleep(800);
  }
  return read();
}

async function waitFor(isTrue: () => boolean, withinMs: number): Promise<void> {
  for (let waitedMs = 0; !isTrue() && waitedMs < withinMs; waitedMs += 50) await sleep(50);
}
