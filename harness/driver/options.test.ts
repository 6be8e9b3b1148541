import { describe, expect, it } from 'vitest';
import { HarnessError } from '../core/errors.ts';
import { collectExtras } from './container-info.ts';
import { parseDriverOptions } from './options.ts';
import { parseGoBoolean, parseGoDuration, parseRamInBytes } from './parse-go.ts';
import { driverSpec } from './testing/test-logger.ts';

/** The message of the refusal of `options`. */
function refusal(options: Record<string, string>, docker = '20.10', name: 'fluentd' | 'json-file' = 'fluentd'): string {
  try {
    parseDriverOptions(driverSpec({ options, docker, name }));
  } catch (error) {
    expect(error).toBeInstanceOf(HarnessError);
    expect((error as HarnessError).code).toBe('E_AGENT_DRIVER');
    return (error as HarnessError).message;
  }
  return '';
}

describe('the options of the driver', () => {
  it("are Docker's defaults where nothing is said", () => {
    expect(parseDriverOptions(driverSpec())).toMatchObject({
      ...{ async: false, ringBytes: null, bufferLimit: 1_048_576, retryWaitMs: 1_000, maxRetries: 2_147_483_647 },
      ...{ requestAck: false, subSecond: false, tag: null },
    });
  });

  it('let log-opts win over the short forms', () => {
    const options = {
      'fluentd-async': 'true',
      'fluentd-buffer-limit': '8m',
      'fluentd-retry-wait': '1m30s',
      'fluentd-max-retries': '30',
      mode: 'non-blocking',
    };
    expect(parseDriverOptions(driverSpec({ options, bufferLimit: 5, retryWaitMs: 7 }))).toMatchObject({
      ...{ async: true, bufferLimit: 8_388_608, retryWaitMs: 90_000, maxRetries: 30, ringBytes: 1_000_000 },
    });
  });

  it("read 0 as the library's own default", () => {
    const zeros = { 'fluentd-buffer-limit': '0', 'fluentd-retry-wait': '0', 'fluentd-max-retries': '0' };
    const terms = { bufferLimit: 8_192, retryWaitMs: 500, maxRetries: 13 };
    expect(parseDriverOptions(driverSpec({ options: zeros }))).toMatchObject(terms);
    const old = parseDriverOptions(driverSpec({ options: zeros, docker: '18.09' }));
    expect(old).toMatchObject({ ...terms, bufferLimit: 8_388_608 });
  });

  it('know async by the name of each generation', () => {
    const options = { 'fluentd-async-connect': 'true' };
    expect(parseDriverOptions(driverSpec({ options })).async).toBe(true);
    expect(parseDriverOptions(driverSpec({ options, docker: '18.09' })).async).toBe(true);
    expect(refusal({ 'fluentd-async': 'true' }, '18.09')).toContain(
      "unknown log opt 'fluentd-async' for fluentd log driver: it came with Docker 20.10",
    );
    expect(refusal({ ...options, 'fluentd-async': 'true' })).toContain('conflicting options');
  });

  it.each([
    [
      { 'fluentd-asnc': 'true' },
      "unknown log opt 'fluentd-asnc' for fluentd log driver; did you mean `fluentd-async`?",
    ],
    [{ 'fluentd-write-timeout': '2s' }, 'it came with Docker 28.2, and `driver.docker` is "20.10"'],
    [{ 'fluentd-address': 'unix:///x' }, '`fluentd-address` is set by larsen'],
    [{ mode: 'queued' }, 'logger: logging mode not supported: queued'],
    [{ 'max-buffer-size': '4m' }, "logger: max-buffer-size option is only supported with 'mode=non-blocking'"],
    [{ 'fluentd-max-retries': '4294967296' }, 'strconv.ParseUint: parsing "4294967296": value out of range'],
    [{ mode: 'non-blocking', 'max-buffer-size': 'x' }, "error parsing option max-buffer-size: invalid size: 'x'"],
    [{ 'fluentd-max-retries': '2147483648' }, 'invalid fluentd-max-retries: value out of range'],
    [{ 'fluentd-buffer-limit': '8 mb/s' }, "`driver.options.fluentd-buffer-limit`: invalid size: '8 mb/s'"],
    [{ 'fluentd-retry-wait': '1' }, 'time: invalid duration "1"'],
    [{ 'fluentd-async': 'yes' }, 'strconv.ParseBool: parsing "yes": invalid syntax'],
  ])('refuse %j with the words of Docker', (options, text) => {
    expect(refusal(options as unknown as Record<string, string>)).toContain(text);
  });

  it('of 28 know what came since, and not what was taken away', () => {
    const newer = { 'fluentd-write-timeout': '2s', 'fluentd-async-reconnect-interval': '500ms' };
    const terms = { writeTimeoutMs: 2_000, reconnectIntervalMs: 500 };
    expect(parseDriverOptions(driverSpec({ docker: '28', options: newer }))).toMatchObject(terms);
    expect(parseDriverOptions(driverSpec({ docker: '28.5.2', options: newer })).generation.name).toBe('28');
    expect(refusal({ 'fluentd-async-connect': 'true' }, '28')).toContain(
      "unknown log opt 'fluentd-async-connect' for fluentd log driver: Docker 28 removed it; use `fluentd-async`",
    );
    expect(refusal({ 'fluentd-read-timeout': '1s' }, '28')).toContain('it came with Docker 29.0');
    expect(refusal({ 'fluentd-async-reconnect-interval': '1s' })).toContain('it came with Docker 23.0');
  });

  it('of 29 know fluentd-read-timeout, and those of 28', () => {
    const options = { 'fluentd-read-timeout': '1.5s', 'fluentd-write-timeout': '2s' };
    const terms = { readTimeoutMs: 1_500, writeTimeoutMs: 2_000 };
    expect(parseDriverOptions(driverSpec({ docker: '29', options }))).toMatchObject(terms);
    expect(refusal({ 'fluentd-read-timeout': '-1s' }, '29')).toContain(
      'invalid value for fluentd-read-timeout: value must be a duration that is non-negative',
    );
    expect(refusal({ 'fluentd-async-connect': 'true' }, '29')).toContain('unknown log opt');
  });

  it("read labels-regex and env-regex as Go's expressions", () => {
    const matches = (pattern: string, text: string): boolean =>
      parseDriverOptions(driverSpec({ options: { 'labels-regex': pattern } })).extras.labelsRegex!.test(text);
    expect(matches('(?i)^COM\\.', 'com.example')).toBe(true);
    expect(matches('\\Acom\\z', 'com')).toBe(true);
    expect(matches('^C:\\\\Azure$', 'C:\\Azure')).toBe(true);
    expect(matches('^[[:lower:]]+$', 'abc')).toBe(true);
    expect(matches('(?P<name>a)b', 'ab')).toBe(true);
    expect(refusal({ 'env-regex': '(?=a)' })).toContain(
      'error parsing regexp: invalid or unsupported Perl syntax: `(?=`',
    );
    expect(refusal({ 'env-regex': '(a)\\1' })).toContain('error parsing regexp: invalid escape sequence: `\\1`');
    expect(refusal({ 'env-regex': '(' })).toContain('error parsing regexp');
  });

  it.each([
    [{ 'fluentd-async-reconnect-interval': '50ms' }, 'value ("50ms") must be between 100ms and 10s'],
    [{ 'fluentd-async-reconnect-interval': 'x' }, 'invalid value for fluentd-async-reconnect-interval: time: invalid'],
    [{ 'fluentd-write-timeout': '-1s' }, 'value must be a duration that is non-negative'],
    [{ 'fluentd-write-timeout': '5' }, 'value must be a duration: time: invalid duration "5"'],
  ])('of 28 refuse %j with its words', (options, text) => {
    expect(refusal(options as unknown as Record<string, string>, '28')).toContain(text);
  });

  it('refuse a Docker that is not emulated and options of another driver', () => {
    expect(() => parseDriverOptions(driverSpec({ docker: '27.1' }))).toThrow(
      'one of "18.09", "20.10", "28", "29", got "27.1"',
    );
    expect(parseDriverOptions(driverSpec({ docker: '18.09.6' })).generation.name).toBe('18.09');
    expect(refusal({ 'fluentd-async': 'true' }, '20.10', 'json-file')).toContain('for json-file log driver');
  });
});

describe('values as Go reads them', () => {
  it('are powers of 1,024, sums of units, and the twelve booleans', () => {
    expect(['512', '1k', '4m', '1.5 KiB', '2GB'].map(parseRamInBytes)).toEqual([512, 1_024, 4_194_304, 1_536, 2 ** 31]);
    expect(['0', '1s', '1m30s', '250ms', '-1.5h'].map(parseGoDuration)).toEqual([0, 1_000, 90_000, 250, -5_400_000]);
    expect(['1', 't', 'True', '0', 'F', 'false'].map(parseGoBoolean)).toEqual([true, true, true, false, false, false]);
  });
});

describe('what a logger knows of its container', () => {
  const info = {
    id: 'abcdef0123456789'.repeat(4),
    name: 'web_1',
    labels: { team: 'a', tier: 'b' },
    env: { REGION: 'eu' },
  };

  it('takes a blank in a list for a part of the name, as Docker does', () => {
    const { extras } = parseDriverOptions(driverSpec({ options: { labels: 'team, tier', env: 'REGION' } }));
    expect(collectExtras(info, extras)).toEqual({ team: 'a', REGION: 'eu' });
  });

  it('adds the labels and variables that are asked for by name or pattern', () => {
    const none = { labels: [], labelsRegex: null, env: [], envRegex: null };
    expect(collectExtras(info, none)).toEqual({});
    expect(collectExtras(info, { ...none, labels: ['team'], envRegex: /^REG/ })).toEqual({ team: 'a', REGION: 'eu' });
  });
});
