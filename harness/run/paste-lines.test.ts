import { expect, it } from 'vitest';
import { parse } from 'yaml';
import type { Finding } from '../model/finding.ts';
import { addPasteLines } from './paste-lines.ts';

const COMPOSE = {
  form: 'compose',
  file: 'compose.yaml',
  service: 'web',
  driver: 'fluentd',
  options: { tag: '{{.Name}}' },
} as const;
const finding = (key: string, text = ''): Finding => ({ remedy: { key, text } }) as Finding;
const pasteOf = (key: string, setUp: Parameters<typeof addPasteLines>[1], text?: string): string | undefined =>
  addPasteLines([finding(key, text)], setUp)[0]!.remedy?.paste;

it('prints the whole logging block of a compose service, with what stood there and what is new', () => {
  const [head, ...lines] = pasteOf('driver.async', COMPOSE)!.split('\n');
  expect(head).toBe('compose.yaml, web:');
  expect(parse(lines.join('\n'))).toEqual({
    logging: { driver: 'fluentd', options: { tag: '{{.Name}}', 'fluentd-async': 'true' } },
  });
});

it('prints the keys of daemon.json', () => {
  const paste = pasteOf('driver.bufferLimit', { ...COMPOSE, form: 'daemon-json', file: 'daemon.json', service: null })!;
  expect(JSON.parse(paste.slice(paste.indexOf('{')))).toEqual({
    'log-driver': 'fluentd',
    'log-opts': { tag: '{{.Name}}', 'fluentd-buffer-limit': '1048576' },
  });
});

it('isolates the agent in its own service: daemon.json can’t', () => {
  const paste = pasteOf('self.driver', { ...COMPOSE, form: 'daemon-json', file: 'daemon.json', service: null })!;
  expect(paste).toContain('the service of the agent');
  expect(paste).toContain('driver: json-file');
});

it('names an option that the remedy names', () => {
  expect(pasteOf('driver.options', COMPOSE, 'Set fluentd-request-ack=true')).toContain('fluentd-request-ack: "true"');
  expect(pasteOf('driver.options', COMPOSE, 'Raise fluentd-max-retries')).toContain('fluentd-max-retries: "…"');
});

it('adds nothing to what is about the agent’s own config, or where no file was named', () => {
  expect(pasteOf('config', COMPOSE)).toBeUndefined();
  expect(pasteOf('driver.async', undefined)).toBeUndefined();
  const none = { remedy: null } as Finding;
  expect(addPasteLines([none], COMPOSE)).toEqual([none]);
});
