// The journald input against a real journalctl, on a journal that systemd-journal-remote has made of entries of this test.
// Skipped where these programs are not installed (Debian: systemd, systemd-journal-remote).

import { execFileSync } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { parseConfig } from '../config/parse.ts';
import { type Agent, createAgent } from '../index.ts';
import { createRealPorts } from '../real/ports.ts';
import { FakeNet } from '../testing/fake-net.ts';
import { readPush } from '../testing/read-push.ts';
import { sleep, until } from '../testing/until.ts';

const WRITER = '/usr/lib/systemd/systemd-journal-remote';
const isHere = existsSync(WRITER) && ['/usr/bin/journalctl', '/bin/journalctl'].some((path) => existsSync(path));
let folder: string;
let agents: Agent[] = [];

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'larsen-journal-'));
});

afterEach(async () => {
  for (const agent of agents) await agent.stop();
  agents = [];
  rmSync(folder, { recursive: true, force: true });
});

let micros = 1_763_900_000_000_000;

/** Adds entries to the journal. A value that holds a newline goes by its length, as the format has it. */
function write(entries: Record<string, string | Buffer>[]): void {
  const chunks: Buffer[] = [];
  for (const entry of entries) {
    const times = { __REALTIME_TIMESTAMP: `${++micros}`, __MONOTONIC_TIMESTAMP: `${micros % 1e9}` };
    const all = { ...times, _BOOT_ID: '0123456789abcdef0123456789abcdef', ...entry };
    for (const [key, value] of Object.entries(all)) {
      const bytes = Buffer.from(value);
      if (!bytes.includes(0x0a)) chunks.push(Buffer.from(`${key}=`), bytes);
      else {
        const length = Buffer.alloc(8);
        length.writeBigUInt64LE(BigInt(bytes.length));
        chunks.push(Buffer.from(`${key}\n`), length, bytes);
      }
      chunks.push(Buffer.from('\n'));
    }
    chunks.push(Buffer.from('\n'));
  }
  execFileSync(WRITER, ['-o', join(folder, 'test.journal'), '-'], { input: Buffer.concat(chunks), stdio: 'pipe' });
}

async function start(more = '') {
  const net = new FakeNet();
  const config = parseConfig(
    `inputs: [ { type: journald, command: [ journalctl, "--file=${folder}/test.journal" ], checkpoint: "${folder}/cursor" ${more} } ]
outputs: [ { type: loki, url: "http://sink" } ]
labels: { instance: host }
batch: { ageMax: 20ms }
drainWithin: 1s`,
    { name: 'test', env: {} },
  );
  const agent = await createAgent(config, { ...createRealPorts(), net: net.port, log: { write() {} } });
  agents.push(agent);
  const entries = () => net.pushes.flatMap(({ body }) => readPush(body));
  const lines = (): string[] => entries().map(({ line }) => line.toString());
  return { agent, entries, lines };
}

test.skipIf(!isHere)('a real journalctl: what is there, what comes, and after a restart only what is new', async () => {
  const binary = Buffer.from([0x61, 0x00, 0xff, 0x0a, 0x62]);
  const piece = { CONTAINER_TAG: 'web', CONTAINER_NAME: 'web-1', CONTAINER_PARTIAL_ID: 'p1' };
  write([
    { MESSAGE: 'plain', SYSLOG_IDENTIFIER: 'shop' },
    { MESSAGE: 'two\nlines', SYSLOG_IDENTIFIER: 'shop' },
    { MESSAGE: binary, SYSLOG_IDENTIFIER: 'shop' },
    { MESSAGE: '€ = é', _SYSTEMD_UNIT: 'cron.service' },
    { PRIORITY: '6', NO_MESSAGE: 'x' },
    { MESSAGE: 'y'.repeat(50_000), SYSLOG_IDENTIFIER: 'big' },
    { ...piece, MESSAGE: 'first ', CONTAINER_PARTIAL_MESSAGE: 'true' },
    { MESSAGE: 'between', SYSLOG_IDENTIFIER: 'shop' },
    { ...piece, MESSAGE: 'last' },
  ]);
  const first = await start();
  await until(() => first.lines().length === 7, 20_000);
  expect(first.lines().slice(0, 2)).toEqual(['plain', 'two\nlines']);
  const lines = first.entries().map(({ line }) => line);
  expect(lines.some((line) => line.equals(binary))).toBe(true);
  expect(first.lines()).toEqual(expect.arrayContaining(['€ = é', 'y'.repeat(50_000), 'between', 'first last']));
  const web = first.entries().find(({ line }) => line.toString() === 'first last');
  expect(web?.labels).toContain('tag="web"');
  expect(web?.ns).toBeGreaterThan(1_763_900_000_000_000_000n);

  write([{ MESSAGE: 'live', SYSLOG_IDENTIFIER: 'shop' }]);
  await until(() => first.lines().includes('live'), 20_000);
  await first.agent.stop();
  expect(readFileSync(join(folder, 'cursor'), 'utf8')).toContain(';i=');

  write([{ MESSAGE: 'while it was down', SYSLOG_IDENTIFIER: 'shop' }]);
  const second = await start();
  await until(() => second.lines().length > 0, 20_000);
  expect(second.lines()).toEqual(['while it was down']);
});

test.skipIf(!isHere)('a real journalctl with `from: end`: only what comes', async () => {
  write([{ MESSAGE: 'old', SYSLOG_IDENTIFIER: 'shop' }]);
  const { lines } = await start(', from: end');
  for (let i = 0; lines().length === 0; i++) {
    write([{ MESSAGE: `new ${i}`, SYSLOG_IDENTIFIER: 'shop' }]);
    await sleep(200);
    if (i > 50) throw new Error('nothing comes');
  }
  expect(lines().join()).not.toContain('old');
});
