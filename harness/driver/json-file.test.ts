import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { describeDialError, parseAgentAddress } from './agent-address.ts';
import { createCappedFile } from './capped-file.ts';
import { createJsonFile } from './json-file.ts';
import { createLineMessage, type LongLine } from './log-message.ts';

const folder = mkdtempSync(join(tmpdir(), 'larsen-json-file-'));
afterAll(() => rmSync(folder, { recursive: true }));

describe('the json-file driver', () => {
  it('writes log, stream and time, and leaves the newline off a piece that is not the last', () => {
    const path = join(folder, 'a.log');
    const file = createCappedFile(path);
    let sent = 0;
    const driver = createJsonFile(file, () => sent++);
    const bytes = Buffer.from('a "quoted" line\r');
    const message = { ...createLineMessage(1), bytes, end: bytes.length, seconds: 1_557_683_843, nanoseconds: 120 };
    const line = { id: 'x' } as LongLine;
    for (const one of [message, { ...message, line, last: false }, { ...message, line, last: true }]) {
      expect(driver.log(one)).toBe(true);
    }
    file.close();
    const entries = readFileSync(path, 'utf8')
      .trim()
      .split('\n')
      .map((text) => JSON.parse(text) as Record<string, string>);
    expect(entries[0]).toEqual({
      log: 'a "quoted" line\r\n',
      stream: 'stderr',
      time: '2019-05-12T17:57:23.000000120Z',
    });
    expect(entries.map(({ log }) => log!.endsWith('\n'))).toEqual([true, false, true]);
    expect(sent).toBe(3);
  });
});

describe('the capped file', () => {
  it('keeps the head, the tail and how much is missing', () => {
    const path = join(folder, 'capped.log');
    const file = createCappedFile(path, { headBytes: 100, tailBytes: 50 });
    for (let index = 0; index < 100; index++) file.write(`line-${String(index).padStart(3, '0')}\n`);
    file.flush();
    file.close();
    const text = readFileSync(path, 'utf8');
    expect(text.startsWith('line-000\n')).toBe(true);
    expect(text.endsWith('line-098\nline-099\n')).toBe(true);
    expect(text).toContain('"about ');
    expect(text.length).toBeLessThan(300);
  });

  it('keeps everything that fits', () => {
    const path = join(folder, 'small.log');
    const file = createCappedFile(path, { headBytes: 20, tailBytes: 50 });
    const lines = Array.from({ length: 7 }, (_, index) => `${index}${'x'.repeat(8)}\n`);
    for (const line of lines) file.write(line);
    file.close();
    expect(readFileSync(path, 'utf8')).toBe(lines.join(''));
  });
});

describe("the agent's address", () => {
  it('is a socket path that fits, or a host and port', () => {
    expect(parseAgentAddress('unix:///tmp/a.sock')).toEqual({ network: 'unix', path: '/tmp/a.sock' });
    expect(parseAgentAddress('tcp://127.0.0.1:24224')).toEqual({ network: 'tcp', host: '127.0.0.1', port: 24_224 });
    expect(() => parseAgentAddress(`unix:///${'d'.repeat(107)}`)).toThrow('has 108 bytes, and a unix socket takes 107');
    expect(() => parseAgentAddress('http://x')).toThrow('Expected a forward URL');
  });

  it("is named in Docker's words when a dial fails", () => {
    const unix = parseAgentAddress('unix:///x.sock');
    expect(describeDialError(unix, 'ENOENT')).toBe('dial unix /x.sock: connect: no such file or directory');
    const tcp = parseAgentAddress('tcp://127.0.0.1:25999');
    expect(describeDialError(tcp, 'ECONNREFUSED')).toBe('dial tcp 127.0.0.1:25999: connect: connection refused');
  });
});
