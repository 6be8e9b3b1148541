import fc from 'fast-check';
import { expect, test } from 'vitest';
import { FakeFiles } from '../testing/fake-files.ts';
import { startAgent } from '../testing/start-agent.ts';

const TAIL = 'type: tail, paths: [ "/log/app*.log" ], checkpoint: "/state/tail.json"';

function start(files: FakeFiles, more = '', keys = TAIL) {
  return startAgent(`inputs: [ { ${keys}${more} } ]\nbatch: { ageMax: 20ms }\n`, files);
}

type World = Awaited<ReturnType<typeof startAgent>>;

const out = (world: World) => world.entries().map(({ line }) => line.toString());

/** What a logger and its logrotate do to the files. */
class Logger {
  readonly files: FakeFiles;
  readonly written: string[] = [];
  private number = 0;
  private rotations = 0;

  constructor(files: FakeFiles) {
    this.files = files;
    files.put('/log/app.log', new Uint8Array(0));
  }

  async write(text = `line ${this.number++}\n`): Promise<void> {
    const file = await this.files.open('/log/app.log', 'write');
    await file.write(Buffer.from(text), (await file.stat()).size);
    this.written.push(...text.split('\n').slice(0, -1));
  }

  async rotate(): Promise<void> {
    for (let i = this.rotations++; i > 0; i--) await this.files.rename(`/log/app.log.${i}`, `/log/app.log.${i + 1}`);
    await this.files.rename('/log/app.log', '/log/app.log.1');
    this.files.put('/log/app.log', new Uint8Array(0));
  }

  async empty(): Promise<void> {
    await (await this.files.open('/log/app.log', 'write')).truncate(0);
  }
}

test('lines are passed on as they are written, whole, with the file for a tag', async () => {
  const files = new FakeFiles();
  const logger = new Logger(files);
  await logger.write('one\r\ntw');
  const world = await start(files);
  await world.clock.advance(1000);
  expect(out(world)).toEqual(['one']);
  await logger.write('o\n');
  await world.clock.advance(1000);
  expect(out(world)).toEqual(['one', 'two']);
  expect(world.entries()[0]?.labels).toContain('app="app"');
});

test('a rotated file is read to its end, also what is written to it afterwards, and those that were there between two looks', async () => {
  const files = new FakeFiles();
  const logger = new Logger(files);
  const world = await start(files, ', poll: 1s, rotateWait: 3s');
  await logger.write();
  await world.clock.advance(1500);
  const old = await files.open('/log/app.log', 'write');
  for (let i = 0; i < 4; i++) {
    await logger.write();
    await logger.rotate();
  }
  await logger.write();
  await old.write(Buffer.from('late\nlast'), (await old.stat()).size);
  await world.clock.advance(10_000);
  expect(out(world).sort()).toEqual(['last', 'late', ...logger.written].sort());
  expect(new Set(out(world)).size).toBe(out(world).length);
});

test('a file that was emptied is read from its start, also when it has grown past the old place since', async () => {
  const files = new FakeFiles();
  const logger = new Logger(files);
  const world = await start(files);
  await logger.write('first\n');
  await world.clock.advance(500);
  await logger.empty();
  await world.clock.advance(500);
  await logger.write('second\n');
  await world.clock.advance(500);
  await logger.empty();
  await logger.write('the third is longer than what was there\n');
  await world.clock.advance(500);
  expect(out(world)).toEqual(logger.written);
  expect(world.metric('files_truncated_total')).toBe(2);
});

test('a deleted file is read to its end, and one of the same name made again is another', async () => {
  const files = new FakeFiles();
  const logger = new Logger(files);
  const world = await start(files);
  await world.clock.advance(500);
  await logger.write('before\n');
  await files.remove('/log/app.log');
  await world.clock.advance(500);
  files.put('/log/app.log', Buffer.from('after\n'));
  await world.clock.advance(10_000);
  expect(out(world)).toEqual(['before', 'after']);
});

test('`from: end` leaves what is there at the start, not what comes', async () => {
  const files = new FakeFiles();
  const logger = new Logger(files);
  await logger.write('old\n');
  const world = await start(files, ', from: end');
  await world.clock.advance(500);
  await logger.write('new\n');
  files.put('/log/app-2.log', Buffer.from('other\n'));
  await world.clock.advance(1000);
  expect(out(world)).toEqual(['new', 'other']);
});

test('Docker json-files: lines, their times, and pieces joined', async () => {
  const files = new FakeFiles();
  const id = 'ab'.repeat(32);
  const line = (log: string) => `${JSON.stringify({ log, stream: 'stdout', time: '2025-11-23T12:13:20.5Z' })}\n`;
  files.put(
    `/docker/${id}/${id}-json.log`,
    Buffer.from(`${line('one\n') + line('long ') + line('line\n')}nonsense\n${line('open')}`),
  );
  const world = await start(
    files,
    '',
    'type: tail, paths: [ "/docker/*/*-json.log" ], format: docker-json-file, checkpoint: /s/t',
  );
  await world.clock.advance(2000);
  expect(out(world)).toEqual(['one', 'long line']);
  expect(world.entries()[0]).toMatchObject({
    ns: 1_763_900_000_500_000_000n,
    labels: expect.stringContaining('app="abababababab"'),
  });
  expect(world.metric('malformed_total')).toBe(1);
  const again = await start(
    files.crash(),
    '',
    'type: tail, paths: [ "/docker/*/*-json.log" ], format: docker-json-file, checkpoint: /s/t',
  );
  again.files.put(`/docker/x/y-json.log`, Buffer.from(line('other\n')));
  await again.clock.advance(2000);
  expect(out(again)).toEqual(['other']);
});

test('a checkpoint waits for the delivery, and an own line is dropped', async () => {
  const files = new FakeFiles();
  const logger = new Logger(files);
  await logger.write('kept\n^larsen-agent:0011223344556677^ warn W_X x\n');
  const world = await start(files);
  world.net.script = () => 'silence';
  await world.clock.advance(3000);
  const again = await start(files.crash());
  await again.clock.advance(3000);
  expect(out(again)).toEqual(['kept']);
  const third = await start(again.files.crash());
  await third.clock.advance(3000);
  expect(out(third)).toEqual([]);
});

test('trouble with files is no end: each call fails once, and everything arrives', async () => {
  for (let n = 0; n < 60; n++) {
    const files = new FakeFiles();
    const logger = new Logger(files);
    await logger.write('a\nb\n');
    const from = files.calls;
    files.fail = (call) => (call === from + n ? Object.assign(new Error('EIO'), { code: 'EIO' }) : undefined);
    const world = await start(files);
    await world.clock.advance(3000);
    files.fail = () => undefined;
    await world.clock.advance(3000);
    expect([n, ...new Set(out(world))]).toEqual([n, 'a', 'b']);
  }
});

test.each([
  ['a name', '/log/app.log'],
  ['a pattern', '/log/*.log'],
])('a file that appears and is rotated away before anybody looks is read: found by %s', async (_, path) => {
  const files = new FakeFiles();
  const logger = new Logger(files);
  const keys = `type: tail, paths: [ "${path}" ], checkpoint: "/state/tail.json"`;
  const move = () => files.rename('/log/app.log', '/log/app.log.1');
  if (path.includes('*')) await logger.write();
  else await files.remove('/log/app.log');
  let world = await start(files, ', rotateWait: 500ms', keys);
  await world.clock.advance(2000);
  if (path.includes('*')) {
    await files.remove('/log/app.log');
    // Long enough that the file before is let go.
    await world.clock.advance(5000);
  }
  for (let i = 0; i < 3; i++) {
    await logger.write();
    await move();
    await world.clock.advance(i * 3000);
    await logger.write();
    await files.remove('/log/app.log.1');
    await move();
    await world.clock.advance(1000);
  }
  // The second file of the first round replaced a file that nobody had seen, and that is gone for good.
  const kept = logger.written.filter((line) => line !== `line ${path.includes('*') ? 1 : 0}`);
  expect(out(world)).toEqual(kept);
  const left = files.crash();
  Object.assign(logger, { files: left });
  for (let i = 0; i < 2; i++) {
    await logger.write();
    await left.rename('/log/app.log', `/log/app.log.${3 - i}`);
  }
  world = await start(left, ', rotateWait: 500ms', keys);
  await world.clock.advance(5000);
  expect(out(world).sort()).toEqual(logger.written.slice(-2));
});

test('a file that is written to after it was let go is read on, not again', async () => {
  const files = new FakeFiles();
  const logger = new Logger(files);
  const world = await start(files, ', rotateWait: 500ms');
  await logger.write();
  const old = await files.open('/log/app.log', 'write');
  await world.clock.advance(1000);
  await logger.rotate();
  await world.clock.advance(3000);
  await old.write(Buffer.from('late\n'), (await old.stat()).size);
  await logger.rotate();
  await world.clock.advance(3000);
  expect(out(world)).toEqual(['line 0', 'late']);
});

test('whatever is written, rotated, emptied after it was read, and killed: every line arrives, and none twice without a kill', async () => {
  const step = fc.constantFrom('write', 'write', 'write', 'rotate', 'empty', 'wait', 'wait', 'kill');
  await fc.assert(
    fc.asyncProperty(fc.array(step, { maxLength: 40 }), async (steps) => {
      let files = new FakeFiles();
      const logger = new Logger(files);
      let world = await start(files, ', rotateWait: 1s');
      const got: string[] = [];
      let kills = 0;
      const look = (ms = 300): Promise<void> => world.clock.advance(ms);
      await look();
      for (const what of steps) {
        if (what === 'write') await logger.write();
        else if (what === 'rotate') await logger.rotate();
        else if (what === 'wait') await look();
        else if (what === 'empty') {
          await look(1000);
          await logger.empty();
          await look(1000);
        } else {
          got.push(...out(world));
          kills++;
          files = files.crash();
          Object.assign(logger, { files });
          world = await start(files, ', rotateWait: 1s');
        }
      }
      await world.clock.advance(10_000);
      got.push(...out(world));
      expect([...new Set(got)].sort()).toEqual([...logger.written].sort());
      if (kills === 0) expect(got.length).toBe(logger.written.length);
    }),
    { numRuns: Number(process.env.LARSEN_TAIL_RUNS ?? 50) },
  );
});
