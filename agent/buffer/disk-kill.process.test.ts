// The built program, killed with SIGKILL at random moments while a sender asks for acks: what was acked is at the sink in
// the end. LARSEN_KILLS sets how often; a few are enough in CI, a few hundred for a run by hand.

import { type ChildProcess, spawn } from 'node:child_process';
import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import { message } from '../testing/forward-messages.ts';
import { openSmallLoki } from '../testing/small-loki.ts';
import { sleep, until } from '../testing/until.ts';

/** Of random moments there is no `all`, see kill.process.test.ts. */
const KILLS = Number(process.env.LARSEN_KILLS ?? 5) || 100;
const program = fileURLToPath(new URL('../../dist/agent/main.js', import.meta.url));
test('kill -9 at random moments loses nothing that was acked', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'larsen-kill-'));
  let isUp = true;
  const sink = await openSmallLoki(() => (isUp ? 204 : 503));
  const path = join(folder, 'agent.sock');
  const config = join(folder, 'agent.yaml');
  writeFileSync(
    config,
    `inputs: [{ type: forward, url: "unix://${path}" }]
outputs: [{ type: loki, url: "${sink.url}", retry: { max: 100ms } }]
buffer: { type: disk, path: "${folder}/buffer", segmentMax: 64KiB, fsync: never }
batch: { ageMax: 20ms }
`,
  );
  const acked = new Set<string>();
  let child: ChildProcess | undefined;
  try {
    let n = 0;
    for (let kill = 0; kill <= KILLS; kill++) {
      rmSync(path, { force: true });
      child = spawn(process.execPath, [program, '--config', config], { stdio: 'ignore' });
      await until(() => existsSync(path));
      if (kill === KILLS) break;
      isUp = kill % 2 === 0;
      const exited = new Promise((resolve) => child?.once('exit', resolve));
      const socket = connect(path);
      socket.on('error', () => {});
      socket.on('data', (bytes: Buffer) => {
        for (const [id] of bytes.toString('latin1').matchAll(/line-\d+/g)) acked.add(id);
      });
      const endMs = Date.now() + 60 + Math.random() * 200;
      while (Date.now() < endMs) {
        for (let i = 0; i < 20; i++, n++)
          socket.write(
            message({
              log: `line-${n} ${'x'.repeat(Math.floor(Math.random() * 2000))}`,
              option: { chunk: `line-${n}` },
            }),
          );
        await sleep(2);
      }
      child.kill('SIGKILL');
      await exited;
      socket.destroy();
    }
    isUp = true;
    await until(() => {
      const stored = new Set(sink.lines.map((line) => line.split(' ')[0]));
      return [...acked].every((id) => stored.has(id));
    });
    expect(acked.size).toBeGreaterThan(KILLS * 20);
  } finally {
    child?.kill('SIGKILL');
    sink.close();
    rmSync(folder, { recursive: true, force: true });
  }
}, 600_000);
