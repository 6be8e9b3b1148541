import { createContext, runInContext } from 'node:vm';
import { describe, expect, it } from 'vitest';
import { PAGE_SCRIPT } from './page-script.ts';

/** The few things of a browser that the script touches. */
function open(hash: string, stored: string | null = null) {
  const listeners: Record<string, () => void> = {};
  const element = () => ({
    hidden: true,
    textContent: '',
    addEventListener: (name: string, listener: () => void) => {
      listeners[name] = listener;
    },
  });
  const theme = element();
  const attributes: Record<string, string> = {};
  const kept = { 'larsen-theme': stored } as Record<string, string | null>;
  const root = {
    setAttribute: (name: string, value: string) => {
      attributes[name] = value;
    },
    removeAttribute: (name: string) => void delete attributes[name],
  };
  const document = {
    documentElement: root,
    getElementById: (id: string) => (id === 'theme' ? theme : null),
    dispatchEvent: () => true,
  };
  const localStorage = {
    getItem: (key: string) => kept[key] ?? null,
    setItem: (key: string, value: string) => {
      kept[key] = value;
    },
  };
  runInContext(
    PAGE_SCRIPT,
    createContext({
      document,
      localStorage,
      location: { hash },
      matchMedia: () => ({ addEventListener: () => undefined }),
      Event: class {},
      navigator: {},
    }),
  );
  return { theme, attributes, kept, click: () => listeners.click!() };
}

describe('the theme button', () => {
  it('goes from auto over light to dark and back, and keeps the choice', () => {
    const { theme, attributes, kept, click } = open('');
    expect([theme.hidden, theme.textContent, attributes['data-theme']]).toEqual([false, 'Theme: auto', undefined]);
    click();
    expect([theme.textContent, attributes['data-theme'], kept['larsen-theme']]).toEqual([
      'Theme: light',
      'light',
      'light',
    ]);
    click();
    expect(attributes['data-theme']).toBe('dark');
    click();
    expect(attributes['data-theme']).toBeUndefined();
  });

  it('takes the theme from the address for one view, else the one that was kept', () => {
    expect(open('#theme=dark', 'light').attributes['data-theme']).toBe('dark');
    expect(open('', 'light').attributes['data-theme']).toBe('light');
    expect(open('', 'neon').attributes['data-theme']).toBeUndefined();
  });
});
