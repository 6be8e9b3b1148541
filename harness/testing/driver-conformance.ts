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
import { addEndRows } from './driver-rows/ends.ts';
import { addLineRows } from './driver-rows/lines.ts';
import { addOptionRows } from './driver-rows/options.ts';
import { addRecordRows } from './driver-rows/record.ts';
import { addStallRows } from './driver-rows/stall.ts';
import { type DriverSuite, type DriverUnderTest, SOCKET } from './driver-rows/suite.ts';
import { createTestServer, type ServerUnderTest } from './forward-server.ts';

export type { DriverRunOptions, DriverUnderTest } from './driver-rows/suite.ts';

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
    const run: DriverSuite['run'] = (script, options = {}, over = {}) => world.run({ script, options, ...over });
    /** Runs a program to its end and gives what arrived. */
    const messages: DriverSuite['messages'] = async (...args) => {
      const at = await listen();
      const { error, ended } = await run(...args);
      expect(error).toBeNull();
      expect(await ended(20_000)).toBe(true);
      await sleep(100);
      return at.messages();
    };
    const row: DriverSuite['row'] = (title, expected, measure) =>
      it(`${title}: ${expected}`, async () => {
        const measured = await measure();
        rows.push({ title, expected, measured });
        expect(measured).toBe(expected);
      });
    /** A number that depends on the kernel's accounting and the moment: within so many percent. */
    const near: DriverSuite['near'] = (title, { expected, percent }, measure) =>
      it(`${title}: ${expected} ± ${percent} %`, async () => {
        const measured = await measure();
        rows.push({ title, expected: `${expected} ± ${percent} %`, measured: String(measured) });
        expect(Math.abs(measured - expected) / expected).toBeLessThanOrEqual(percent / 100);
      });

    const suite: DriverSuite = { folder: () => folder, listen, run, messages, row, near };
    addLineRows(suite);
    addRecordRows(suite);
    addOptionRows(suite);
    addStallRows(suite);
    addEndRows(suite);
  });
}
