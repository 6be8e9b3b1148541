// What an agent admits is told from its own output as an engine has kept it, wrapped in JSON or as it was printed.

import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, it } from 'vitest';
import type { EmittedEvent } from '../../model/event.ts';
import { recordAdmissions } from './record-admissions.ts';

const folder = mkdtempSync(join(tmpdir(), 'admissions-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const told = async (text: string, admits?: { log: string | null; deadLetters: string | null }): Promise<unknown> => {
  const logFile = join(folder, 'agent.log');
  writeFileSync(logFile, text);
  const events: EmittedEvent[] = [];
  const agent = admits ? { admits } : {};
  const plan = { agent, runName: 'r', scenario: { topology: { apps: {} } } } as never;
  await recordAdmissions(
    { plan },
    { record: (event) => void events.push(event as EmittedEvent) as never },
    {
      logFile,
      deadLetters: null,
    },
  );
  return events.map(({ data }) => data);
};
const PATTERN = { log: 'dropped (?<lines>\\d+) records', deadLetters: null };

it('as it was printed', async () => {
  const lines = 'up\ndropped 12 records\ndropped 3 records\n';
  expect(await told(lines, PATTERN)).toEqual([{ probe: 'admissions', logLines: 15, isCut: false }]);
});

it('as json-file wraps it', async () => {
  const lines = `${JSON.stringify({ log: 'dropped 7 records\n', stream: 'stderr' })}\n`;
  expect(await told(lines, PATTERN)).toEqual([{ probe: 'admissions', logLines: 7, isCut: false }]);
});

it('nothing admitted is told as nothing, and an agent file without `admits` tells nothing at all', async () => {
  expect(await told('up\n', PATTERN)).toEqual([{ probe: 'admissions', logLines: 0, isCut: false }]);
  expect(await told('dropped 12 records\n')).toEqual([]);
});
