// The suite knows a receiver that does all of it, and shows the defect of one that has one.

import { execFile } from 'node:child_process';
import { expect, it } from 'vitest';
import type { Conformance } from './conform.ts';

const COMMAND = new URL('../../cli/bin.mjs', import.meta.url).pathname;

async function ask(...agents: string[]): Promise<{ code: number; answers: Conformance[] }> {
  const args = [COMMAND, 'conformance', 'forward', '--patience', '3', '--json', '--agent', ...agents];
  return await new Promise((resolve) => {
    execFile(process.execPath, args, { maxBuffer: 1e7 }, (error, stdout) =>
      resolve({ code: error ? Number(error.code) : 0, answers: JSON.parse(stdout) as Conformance[] }),
    );
  });
}

const saysNo = ({ rows }: Conformance): string[] => rows.filter(({ verdict }) => verdict !== 'yes').map(({ id }) => id);

it('larsen-agent does all of it; an agent that mixes containers is told by just that', async () => {
  const { code, answers } = await ask('larsen-agent', 'agents/rogues/merges-containers/agent');
  const [good, mixes] = answers.map(saysNo);
  expect(good).toEqual([]);
  expect(answers[0]!.verdict).toBe('valid');
  expect(answers[0]!.rows.length).toBeGreaterThanOrEqual(22);
  // The other one speaks message mode only, as Docker does: no other mode, and nothing else is missing but its defect.
  const modes = ['forward', 'packed', 'packed-str', 'compressed', 'compressed-members', 'ack-packed'];
  expect(answers[1]!.verdict).toBe('invalid');
  expect(mixes).toEqual([...modes, 'partials-mixed']);
  expect(code).toBe(1);
}, 120_000);
