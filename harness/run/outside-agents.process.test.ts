// Agents of strangers, written from the contract alone and run by the built command: one that works, one that loses a
// secret set of lines, and those that fail in every way a program can. Then the other commands on what was recorded.

import { cpSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { createScenario, ids, idsIn, SCENARIO } from '../testing/outside/scenario.ts';
import { createWorkplace, type Outcome, type Workplace } from '../testing/outside/workplace.ts';

const place: Workplace = createWorkplace();
afterAll(() => place[Symbol.dispose]());

place.bring('agent.mjs', 'bad-agent.mjs');
place.write('plain.yaml', SCENARIO);
place.write('impatient.yaml', createScenario('', '3s'));
place.write('mine.yaml', 'agent: custom\nprocess: { command: [node, agent.mjs] }\n');
place.write('defective.yaml', 'agent: custom\nprocess: { command: [node, agent.mjs], env: { DROP: "53:7" } }\n');

function findingsOf(outcome: Outcome): string[] {
  return outcome.run().findings.map(({ checker, class: kind, hop }) => `${checker}/${kind} at ${hop}`);
}

describe.concurrent('an agent made from the contract', () => {
  it('is valid when it loses nothing', async () => {
    const outcome = await place.larsen(['run', 'plain.yaml', '--agent', 'mine.yaml'], 'clean');
    expect(outcome.exitCode, outcome.stderr).toBe(0);
    const run = outcome.run();
    expect(run).toMatchObject({ verdict: 'valid', agent: 'mine', findings: [], reasons: [] });
    expect(run.ledger.total).toMatchObject({ dueLines: 450, writtenLines: 450, storedLines: 450, lostLines: 0 });
    expect(outcome.ledger()).toEqual([]);
  });

  it('is invalid when it drops lines, which are told by their ids and no others', async () => {
    const outcome = await place.larsen(['run', 'plain.yaml', '--agent', 'defective.yaml', '--seed', '11'], 'lost');
    expect(outcome.exitCode, outcome.stderr).toBe(1);
    expect(findingsOf(outcome)).toEqual(['parity/lost at agent']);
    const entries = outcome.ledger();
    expect(entries.length).toBeGreaterThan(0);
    expect(new Set(entries.map(({ account, hop }) => `${account} ${hop}`))).toEqual(new Set(['unaccounted agent']));
    expect(ids(entries)).toEqual(idsIn(place.read('dropped.txt')));
  });
});

describe('the recorded run of an agent that lost lines', () => {
  const runFolder = (): string =>
    join('lost', readdirSync(join(place.path, 'lost')).find((name) => name.includes('--'))!);
  const read = (path: string): string => readFileSync(join(place.path, path), 'utf8');

  it('is judged again to the same numbers, byte for byte', async () => {
    const before = JSON.parse(read('lost/result.json')).runs[0];
    const ledger = read(join(runFolder(), 'ledger.jsonl'));
    const outcome = await place.larsen(['check', runFolder()]);
    expect(outcome.exitCode, outcome.stderr).toBe(1);
    const again = JSON.parse(read(join(runFolder(), 'result.json'))).runs[0];
    for (const key of ['verdict', 'reasons', 'checks', 'findings', 'ledger'] as const)
      expect(JSON.stringify(again[key])).toBe(JSON.stringify(before[key]));
    expect(read(join(runFolder(), 'ledger.jsonl'))).toBe(ledger);
  });

  it.each([
    { name: 'accepted for this agent', agent: 'defective', until: '2999-12-31', exitCode: 0, verdict: 'valid' },
    {
      name: 'accepted until a day that has passed',
      agent: 'defective',
      until: '2020-01-31',
      exitCode: 1,
      verdict: 'invalid',
    },
    { name: 'accepted for another agent', agent: 'mine', until: '2999-12-31', exitCode: 1, verdict: 'invalid' },
  ])('is $verdict when its finding is $name', async ({ agent, until, exitCode, verdict }) => {
    place.write('accept.yaml', `accept: [ { finding: parity/lost, agent: ${agent}, until: ${until}, why: known } ]\n`);
    const outcome = await place.larsen(['check', '--config', 'accept.yaml', runFolder()]);
    expect(outcome.exitCode, outcome.stderr).toBe(exitCode);
    const run = outcome.run();
    expect(run).toMatchObject({ verdict, checks: { parity: { verdict } } });
    expect(run.findings).toHaveLength(1);
  });

  it('is judged by one checker with --only', async () => {
    const outcome = await place.larsen(['check', '--only', 'socket-stall', '--quiet', runFolder()]);
    expect(outcome.exitCode, outcome.stderr).toBe(0);
    expect(Object.keys(outcome.run().checks)).toEqual(['socket-stall']);
  });

  it('can be judged in another place, where nothing of ours is', async () => {
    using elsewhere = createWorkplace();
    cpSync(join(place.path, runFolder()), join(elsewhere.path, 'moved'), { recursive: true });
    const outcome = await elsewhere.larsen(['check', 'moved']);
    expect(outcome.exitCode, outcome.stderr).toBe(1);
    expect(findingsOf(outcome)).toEqual(['parity/lost at agent']);
  });

  it('can be run again with the same seed: the same lines are due and the same are lost', async () => {
    place.write('dropped.txt', '');
    const outcome = await place.larsen(['replay', runFolder()], 'again');
    expect(outcome.exitCode, outcome.stderr).toBe(1);
    expect(outcome.run()).toMatchObject({ seed: 11, verdict: 'invalid' });
    expect(ids(outcome.ledger())).toEqual(idsIn(place.read('dropped.txt')));
  });
});

describe.concurrent('an agent that fails', () => {
  const bad = (mode: string, more = ''): void =>
    place.write(
      `${mode}.yaml`,
      `agent: custom\nprocess: { command: [node, bad-agent.mjs], env: { MODE: ${mode} }${more} }\n`,
    );
  const run = async (mode: string): Promise<Outcome> =>
    place.larsen(['run', 'impatient.yaml', '--agent', `${mode}.yaml`], mode);

  it('is a mistake in its file when there is no such program', async () => {
    place.write('nobody.yaml', 'agent: custom\nprocess: { command: [no-such-program-here] }\n');
    const outcome = await run('nobody');
    expect(outcome.exitCode, outcome.stderr).toBe(254);
    expect(outcome.stderr).toMatch(/nobody\.yaml: `process\.command` .*"no-such-program-here" in PATH/);
  });

  it('leaves the run unknown when it exits at once, and its last words are kept', async () => {
    bad('exits');
    const outcome = await run('exits');
    expect(outcome.exitCode, outcome.stderr).toBe(2);
    expect(outcome.run().reasons[0]).toMatch(/exits ended before it listened/);
    expect(readLogs(outcome)).toContain('cannot read my own config');
  });

  it('leaves the run unknown when it never listens', async () => {
    bad('deaf', ', readyWithin: 1s');
    const outcome = await run('deaf');
    expect(outcome.exitCode, outcome.stderr).toBe(2);
    expect(outcome.run().reasons[0]).toMatch(/deaf did not listen on .* within 1000 ms/);
  });

  it('leaves the run unknown when it ends under the first line', async () => {
    bad('fragile');
    const outcome = await run('fragile');
    expect(outcome.exitCode, outcome.stderr).toBe(2);
    expect(outcome.run().reasons[0]).toMatch(/agent fragile ended by itself/);
    expect(outcome.tookMs).toBeLessThan(15_000);
  });

  it('leaves the run unknown when it swallows everything', async () => {
    bad('mute');
    const outcome = await run('mute');
    expect(outcome.exitCode, outcome.stderr).toBe(2);
    expect(outcome.run().reasons[0]).toMatch(/no line of app(s)? .* got through mute to the sink within 3 s/);
  });

  it('cannot fill the disk with what it prints: head and tail are kept', async () => {
    bad('chatty');
    const outcome = await run('chatty');
    expect(outcome.exitCode, outcome.stderr).toBe(2);
    const folder = outcome.inRun('logs');
    const bytes = readdirSync(folder).reduce((sum, name) => sum + statSync(join(folder, name)).size, 0);
    expect(bytes).toBeGreaterThan(1_000_000);
    expect(bytes).toBeLessThan(20_000_000);
    const [head, tail] = readFileSync(join(folder, 'agent-json.log'), 'utf8').split(/bytes left out here/);
    expect(head).toContain('line 0 blah');
    expect(Number(/.*line (\d+) blah/s.exec(tail!)?.[1])).toBeGreaterThan(10_000);
  });

  function readLogs(outcome: Outcome): string {
    const folder = outcome.inRun('logs');
    return readdirSync(folder)
      .map((name) => readFileSync(join(folder, name), 'utf8'))
      .join('');
  }
});
