import { spawnSync } from 'node:child_process';
import {
  copyFileSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  realpathSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { findPackageRoot } from '../scenario/package-root.ts';

const bin = join(findPackageRoot(), 'harness/cli/bin.mjs');
const root = realpathSync(mkdtempSync(join(tmpdir(), 'larsen-bin-')));
afterAll(() => rmSync(root, { recursive: true }));

interface Outcome {
  code: number | null;
  out: string;
  error: string;
}

function call(args: string[], { program = bin, cwd = root } = {}): Outcome {
  const { status, stdout, stderr } = spawnSync(process.execPath, [program, ...args], {
    cwd,
    encoding: 'utf8',
    timeout: 60_000,
  });
  return { code: status, out: stdout, error: stderr };
}

describe('bin.mjs', () => {
  it('can be started by itself', () => {
    expect(statSync(bin).mode & 0o111).not.toBe(0);
  });

  it('says what to run where nothing is built', () => {
    const folder = join(root, 'unbuilt/harness/cli');
    mkdirSync(folder, { recursive: true });
    copyFileSync(bin, join(folder, 'bin.mjs'));
    expect(call(['run'], { program: join(folder, 'bin.mjs') })).toEqual({
      code: 254,
      out: '',
      error: 'larsen is not built yet. Run: npm run build\n',
    });
  });

  it('ends with 254 for bad arguments and prints all of a long answer into a pipe', () => {
    expect(existsSync(join(findPackageRoot(), 'dist/harness/cli/main.js'))).toBe(true);
    expect(call(['rnu'])).toMatchObject({ code: 254, out: '', error: expect.stringContaining('Did you mean run?') });
    const { code, out } = call(['list', '--json']);
    expect(code).toBe(0);
    expect((JSON.parse(out) as { faults: unknown[] }).faults.length).toBeGreaterThan(3);
  });

  it.each(['mjs', 'ts'])('loads a .%s plugin that lies where nothing of larsen can be resolved', (extension) => {
    const cwd = mkdtempSync(join(root, 'plugin-'));
    const type = extension === 'ts' ? ': string' : '';
    writeFileSync(
      join(cwd, `plugin.${extension}`),
      `import { defineFault, z } from 'larsen';
const name${type} = 'agent-nap';
export default (larsen) => [
  defineFault({ name, hop: 'agent', engines: ['process'], params: z.strictObject({ deep: z.boolean() }), inject() {}, heal() {}, bit: () => [] }),
  larsen.defineShape({ name: 'short', line: ({ id }) => Buffer.from(id) }),
];`.replace('(larsen)', extension === 'ts' ? '(larsen: any)' : '(larsen)'),
    );
    writeFileSync(join(cwd, 'larsen.config.yaml'), `plugins: [ ./plugin.${extension} ]`);
    const scenario = (params: string): string => `title: x
topology: { apps: { q: { type: emitter, shape: short } } }
load: [ { to: q, kind: lines, until: 9s, rate: [ { at: 0s, perSecond: 1 } ] } ]
faults: [ { at: 1s, fault: agent-nap, ${params} } ]`;
    writeFileSync(join(cwd, 'good.yaml'), scenario('deep: true'));
    writeFileSync(join(cwd, 'bad.yaml'), scenario('dep: 3'));
    expect(call(['validate', 'good.yaml'], { cwd })).toMatchObject({ code: 0, error: '' });
    const { code, out } = call(['validate', 'bad.yaml'], { cwd });
    expect(code).toBe(254);
    expect(out).toContain('faults[0].dep: not a known key. Did you mean `deep`? Known here: at, for, fault, deep.');
  });
});
