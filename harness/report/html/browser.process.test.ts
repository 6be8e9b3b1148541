// The pages in a real browser: they load nothing, run no text of a run, fit a phone, work by keyboard, in light and dark.
// Skipped by name where there is no Chromium (`LARSEN_CHROMIUM` says where it is, if not at its usual places).

import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { type Browser, type BrowserContextOptions, chromium, type Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createComparison } from '../../testing/fixtures/comparison.ts';
import { HOSTILE_RUN, HOSTILE_TEXT, INVALID_RUN, resultOf } from '../../testing/fixtures/report-results.ts';
import { createSyntheticRun } from '../../testing/fixtures/report-run.ts';
import { renderComparison } from '../compare/page.ts';
import { renderIndex, renderRunReport } from './page.ts';

const executablePath = [
  process.env.LARSEN_CHROMIUM,
  '/usr/bin/chromium',
  '/usr/bin/chromium-browser',
  '/usr/bin/google-chrome',
].find((path) => path !== undefined && existsSync(path));
const ARGUMENTS = [
  '--no-sandbox',
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
];
/** Text that would act if it were ever taken for anything but text. */
const ACTIVE = `${HOSTILE_TEXT}</pre><img src=x onerror="window.hacked=1"><svg onload="window.hacked=2"><script>window.hacked=3</script>`;

describe.skipIf(executablePath === undefined)('the pages in Chromium', () => {
  const folder = mkdtempSync(join(tmpdir(), 'larsen-pages-'));
  let browser: Browser;

  beforeAll(async () => {
    browser = await chromium.launch({ executablePath: executablePath!, args: ARGUMENTS });
    const { facts, history } = createSyntheticRun({ howls: true });
    const render = (isHostile: boolean): Promise<string> =>
      renderRunReport({
        result: isHostile
          ? { ...HOSTILE_RUN, findings: INVALID_RUN.findings.map((finding) => ({ ...finding, title: ACTIVE })) }
          : {
              ...INVALID_RUN,
              costs: [{ role: 'agent', name: 'a-name-that-is-as-long-as-they-come', cpuMs: 9e4, memoryMaxBytes: 3e8 }],
            },
        facts: isHostile ? { ...facts, faults: facts.faults.map((fault) => ({ ...fault, fault: ACTIVE })) } : facts,
        history,
        larsenVersion: '0.1.0',
      });
    const pages = {
      run: await render(false),
      hostile: await render(true),
      index: renderIndex(resultOf([INVALID_RUN, { ...HOSTILE_RUN, agent: ACTIVE }])),
      compare: renderComparison(createComparison(ACTIVE)),
    };
    for (const [name, text] of Object.entries(pages)) writeFileSync(join(folder, `${name}.html`), text);
  });
  afterAll(async () => {
    await browser?.close();
    rmSync(folder, { recursive: true });
  });

  interface Opened {
    page: Page;
    /** Everything asked for beside the page itself. */
    requests: string[];
    problems: string[];
  }

  async function open(name: string, options: BrowserContextOptions = {}): Promise<Opened> {
    const page = await browser.newPage({ viewport: { width: 1_280, height: 900 }, ...options });
    const [requests, problems]: [string[], string[]] = [[], []];
    const url = pathToFileURL(join(folder, `${name}.html`)).href;
    page.on('request', (request) => {
      if (request.url().split('#')[0] !== url && !request.url().startsWith('data:')) requests.push(request.url());
    });
    page.on('pageerror', (error) => problems.push(error.message));
    page.on('console', (message) => {
      if (message.type() === 'error') problems.push(message.text());
    });
    await page.goto(url);
    return { page, requests, problems };
  }

  it.each(['run', 'hostile', 'index', 'compare'])(
    '%s asks for nothing, breaks nowhere, and runs no text of a run',
    async (name) => {
      const { page, requests, problems } = await open(name);
      expect({ requests, problems }).toEqual({ requests: [], problems: [] });
      expect(await page.evaluate('window.hacked')).toBeUndefined();
      await page.close();
    },
  );

  it.each(['run', 'index', 'compare', 'hostile'])('%s fits a phone: nothing to scroll sideways', async (name) => {
    const { page } = await open(name, { viewport: { width: 375, height: 800 } });
    const tooWide = await page.evaluate(
      `[...document.querySelectorAll('body *')].filter((element) => element.getBoundingClientRect().right > innerWidth + 1 && !element.closest('.scroll, pre, svg')).map((element) => element.outerHTML.slice(0, 120))`,
    );
    expect(tooWide).toEqual([]);
    expect(await page.evaluate('document.documentElement.scrollWidth')).toBeLessThanOrEqual(375);
    await page.close();
  });

  it('goes from the verdict to an event in two clicks', async () => {
    const { page } = await open('run');
    await page.locator('nav.contents a[href="#findings"]').click();
    const event = page.locator('.finding details.event').first();
    await event.locator('summary').click();
    expect(await event.locator('pre').isVisible()).toBe(true);
    expect(await event.locator('pre').textContent()).toContain('"kind"');
    await page.close();
  });

  it('draws every chart, and zooms all of them to a finding and back', async () => {
    const { page } = await open('run');
    expect(await page.locator('.chart').count()).toBe(6);
    expect(await page.locator('.chart .plot canvas').count()).toBe(6);
    await page.locator('button[data-from]').first().click();
    await page.locator('#whole').waitFor({ state: 'visible' });
    await page.locator('#whole').click();
    expect(await page.locator('#whole').isHidden()).toBe(true);
    await page.close();
  });

  it('works by keyboard alone', async () => {
    const { page } = await open('run');
    const focused = new Set<string>();
    for (let step = 0; step < 40; step++) {
      await page.keyboard.press('Tab');
      focused.add((await page.evaluate('document.activeElement.tagName')) as string);
    }
    expect([...focused]).toEqual(expect.arrayContaining(['BUTTON', 'A', 'SUMMARY']));
    await page.locator('.finding details.event summary').first().focus();
    await page.keyboard.press('Enter');
    expect(await page.locator('.finding details.event[open]').count()).toBe(1);
    await page.close();
  });

  it.each(['light', 'dark'] as const)('%s: text stands out from its ground', async (colorScheme) => {
    const { page } = await open('run', { colorScheme });
    const [text, ground] = (await page.evaluate(
      `[getComputedStyle(document.body).color, getComputedStyle(document.body).backgroundColor]`,
    )) as [string, string];
    expect(contrast(text, ground)).toBeGreaterThan(7);
    await page.close();
  });
});

/** Contrast ratio of WCAG 2. */
function contrast(...colors: [string, string]): number {
  const [lighter, darker] = colors.map(luminance).sort((a, b) => b - a) as [number, number];
  return (lighter + 0.05) / (darker + 0.05);
}

function luminance(color: string): number {
  const [red, green, blue] = color
    .match(/[\d.]+/g)!
    .map(Number)
    .map((value) => {
      const share = value / 255;
      return share <= 0.03928 ? share / 12.92 : ((share + 0.055) / 1.055) ** 2.4;
    }) as [number, number, number];
  return 0.2126 * red + 0.7152 * green + 0.0722 * blue;
}
