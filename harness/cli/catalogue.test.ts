import { describe, expect, it } from 'vitest';
import { createProcessContext } from './context.ts';
import { main } from './main.ts';

describe('the files that come with larsen', () => {
  it('are all valid, and what they name is there', async () => {
    let out = '';
    const print = (text: string): void => {
      out += text;
    };
    const code = await main(['validate'], { ...createProcessContext(), print, printError: print });
    expect(out.split('\n').filter((line) => line !== '' && !line.startsWith('ok '))).toEqual([
      expect.stringMatching(/^(\d+) of \1 files are valid$/),
    ]);
    expect(code).toBe(0);
  });
});
