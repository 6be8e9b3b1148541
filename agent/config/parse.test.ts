// biome-ignore-all lint/suspicious/noTemplateCurlyInString: the config fills these in, not JavaScript.

import { expect, test } from 'vitest';
import { AgentError } from '../errors.ts';
import { nearestKey } from './nearest-key.ts';
import { parseConfig } from './parse.ts';
import { parseDuration, parseSize } from './units.ts';

const env = {
  LARSEN_FORWARD_URL: 'unix:///run/agent.sock',
  LARSEN_SINK_URL: 'http://loki:3100',
  LARSEN_HTTP_PORT: '9600',
  EMPTY: '',
};
const three =
  'inputs: [ { type: forward, url: "${LARSEN_FORWARD_URL}" } ]\noutputs: [ { type: loki, url: "${LARSEN_SINK_URL}" } ]\nhttp: { listen: "127.0.0.1:${LARSEN_HTTP_PORT}" }\n';
const parse = (text: string) => parseConfig(text, { name: 'agent.yaml', env });

function failure(text: string): AgentError {
  try {
    parse(text);
  } catch (error) {
    if (error instanceof AgentError) return error;
  }
  throw new Error('it was accepted');
}

test('three lines are a whole config', () => {
  expect(parse(three)).toMatchSnapshot();
});

test('sizes and durations are read with their units', () => {
  const config = parse(
    `${three}buffer: { memoryMax: 128MiB, policy: block }\nbatch: { ageMax: 250ms, decodedMax: 500KB }\nlineMax: 65536\n`,
  );
  expect([config.buffer.memoryMax, config.batch.ageMax, config.batch.decodedMax, config.lineMax]).toEqual([
    134_217_728, 250, 500_000, 65_536,
  ]);
  expect([
    parseSize('1.5KiB'),
    parseSize('4 MiB'),
    parseSize('4Mb'),
    parseSize('-1'),
    parseSize(''),
    parseDuration('5'),
    parseDuration('2m'),
  ]).toEqual([1536, 4_194_304, undefined, undefined, undefined, undefined, 120_000]);
});

test('an unknown key is named with its path and the key that was meant', () => {
  expect(failure(`${three}batch: { decodedMaxx: 1MiB }`).message).toContain(
    '`batch.decodedMaxx`: unknown key, did you mean `decodedMax`?',
  );
  expect(failure(`${three.replace('type: loki,', 'type: loki, retry: { mni: 1s },')}`).message).toContain(
    '`outputs[0].retry.mni`: unknown key, did you mean `min`?',
  );
  expect(failure(`${three}bufer: {}`).message).toContain('`bufer`: unknown key, did you mean `buffer`?');
  expect(failure(`${three}zzzzzz: 1`).message).toContain('`zzzzzz`: unknown key; known are inputs, outputs');
  expect(nearestKey('listn', ['listen', 'labels'])).toBe('listen');
});

test('every mistake is reported at once, with path and expectation', () => {
  const { code, message } = failure(
    'inputs: [ { type: forward, url: "udp://x" } ]\noutputs: []\nbuffer: { policy: maybe, memoryMax: 1KiB }\nlineMax: 12parsecs\n',
  );
  expect(code).toBe('E_CONFIG_INVALID');
  expect(message).toMatchSnapshot();
});

test('a line must fit into a batch', () => {
  expect(failure(`${three}lineMax: 2MiB`).message).toContain(
    '`lineMax`: Expected `lineMax` to be at least 1KiB below `batch.decodedMax`',
  );
});

test('a missing variable is named with its place, a default helps', () => {
  const error = failure(three.replace('LARSEN_SINK_URL', 'NOT_SET'));
  expect(error.code).toBe('E_CONFIG_ENV');
  expect(error.message).toBe(
    '`outputs[0].url` asks for the environment variable NOT_SET, which is not set: set it, or give a default as in ${NOT_SET:-value}',
  );
  expect(parse(three.replace('LARSEN_SINK_URL', 'NOT_SET:-http://other:1')).outputs[0]).toMatchObject({
    url: 'http://other:1',
  });
  expect(parse(`${three}labels: { instance: "a-\${EMPTY:-b}-$\${c}" }`).labels.instance).toBe('a-b-${c}');
});

test('what is no YAML is said to be none', () => {
  const error = failure('inputs: [ {');
  expect(error.code).toBe('E_CONFIG_SYNTAX');
  expect(error.message).toContain('agent.yaml is not YAML');
  expect(failure('').code).toBe('E_CONFIG_INVALID');
  expect(failure('just text').code).toBe('E_CONFIG_INVALID');
});
