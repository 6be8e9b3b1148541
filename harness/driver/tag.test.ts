// Tags against what Go itself made of the same templates: hundreds of them with text or error, word for word.

import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { HarnessError } from '../core/errors.ts';
import { renderTag } from './container-info.ts';
import { parseDriverOptions } from './options.ts';
import { driverSpec } from './testing/test-logger.ts';

type Row = [tag: string, text: string | null, error: string | null];

const FUZZ = Number(process.env.LARSEN_FUZZ_RUNS ?? 500);
const { rows } = JSON.parse(readFileSync(new URL('testing/tag-templates.json', import.meta.url), 'utf8')) as {
  rows: Row[];
};
const container = {
  id: '0123456789abcdef'.repeat(4),
  name: 'web_1',
  labels: { team: 'a', ' tier': 'b', 'com.example.name': 'Héllo wörld', empty: '' },
  env: { REGION: 'eu', MODE: 'x' },
};
const PREFIX = 'failed to initialize logging driver: ';
const render = (tag: string): string =>
  renderTag(tag, container, parseDriverOptions(driverSpec({ options: { labels: 'team', env: 'REGION', tag } })));
const outcome = (tag: string): [text: string | null, error: string | null] => {
  try {
    return [render(tag), null];
  } catch (error) {
    expect(error).toBeInstanceOf(HarnessError);
    const { message } = error as Error;
    expect(message.startsWith(PREFIX)).toBe(true);
    return [null, message.slice(PREFIX.length)];
  }
};

describe('a tag', () => {
  it(`is what Go makes of its template: ${rows.length} templates`, () => {
    for (const [tag, text, error] of rows) expect([tag, ...outcome(tag)]).toEqual([tag, text, error]);
  });

  it('is every field and method of a container', () => {
    const methods = [
      'ID',
      'FullID',
      'Name',
      'Command',
      'ImageID',
      'ImageFullID',
      'ImageName',
      'Hostname',
      'DaemonName',
    ];
    for (const name of methods) expect(render(`{{.${name}}}`)).not.toMatch(/[{}]|^$/);
    const fields = [
      'Config',
      'ContainerID',
      'ContainerName',
      'ContainerArgs',
      'ContainerEnv',
      'ContainerLabels',
      'LogPath',
    ];
    for (const name of fields) expect(outcome(`{{.${name}}}`)[1]).toBeNull();
  });

  it('is the text itself where it has no action', () => {
    fc.assert(fc.property(fc.string({ unit: 'grapheme' }), (text) => text.includes('{{') || render(text) === text));
  });

  it.each([
    ['{{define "x"}}{{end}}', 'larsen does not emulate {{define}} in a tag'],
    ['{{.}}', 'larsen does not emulate printing *logger.Info'],
    ['{{printf "%[1]s" .Name}}', 'larsen does not emulate `*` and `[n]` in printf'],
    ['{{pad .Name 0 99999999}}', 'larsen pads with at most 1048576 blanks'],
    ['{{.ContainerCreated}}', 'error calling ContainerCreated: larsen does not emulate it'],
    [`{{${'('.repeat(20_000)}}}`, 'max expression depth exceeded'],
  ])('says of what is not emulated: %#', (tag, text) => {
    expect(outcome(tag)[1]).toContain(text);
  });

  it('of any bytes is a text or an error that names its place, never a crash', () => {
    const piece = fc.oneof(
      fc.constantFrom(
        ...new Set(rows.flatMap(([tag]) => tag.match(/\{\{-? ?|-? ?\}\}|"[^"]*"|[.$]?\w+|\s+|./gsu) ?? [])),
      ),
      fc.string({ maxLength: 6 }),
    );
    fc.assert(
      fc.property(fc.array(piece, { maxLength: 20 }), (pieces) => {
        const [text, error] = outcome(pieces.join(''));
        expect((text === null) !== (error === null)).toBe(true);
        if (error !== null) expect(error).toMatch(/^template: log-tag:\d+:/);
      }),
      { numRuns: FUZZ },
    );
  });
});
