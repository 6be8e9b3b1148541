import { describe, expect, it } from 'vitest';
import { detectTerminal } from './terminal-paint.ts';

const TTY = { isTTY: true, columns: 72 };

describe('detecting the terminal', () => {
  it.each([
    ['a terminal', TTY, {}, { isTty: true, color: true, width: 72 }],
    ['a pipe', {}, {}, { isTty: false, color: false, width: 100 }],
    ['CI', TTY, { CI: 'true' }, { isTty: false, color: false, width: 72 }],
    ['CI that takes colour', TTY, { CI: 'true', FORCE_COLOR: '1' }, { isTty: false, color: true, width: 72 }],
    ['CI=false', TTY, { CI: 'false' }, { isTty: true, color: true, width: 72 }],
    ['NO_COLOR', TTY, { NO_COLOR: '1', FORCE_COLOR: '1' }, { isTty: true, color: false, width: 72 }],
    ['an empty NO_COLOR', TTY, { NO_COLOR: '' }, { isTty: true, color: true, width: 72 }],
    ['a dumb terminal', TTY, { TERM: 'dumb' }, { isTty: false, color: false, width: 72 }],
    ['a very wide terminal', { isTTY: true, columns: 250 }, {}, { isTty: true, color: true, width: 100 }],
  ])('knows %s', (_, stream, env, traits) => {
    expect(detectTerminal(stream, env)).toEqual(traits);
  });
});
