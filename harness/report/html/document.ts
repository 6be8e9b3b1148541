// The shell of every HTML page: one file that loads nothing. A content security policy names the hashes of the only
// scripts and styles that may run, so that even text that slipped through escaping could not act.

import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { escapeHtml, scriptJson } from '../escape.ts';

/** What goes into a page. `body` is HTML, already escaped. */
export interface PageParts {
  title: string;
  body: string;
  styles: readonly string[];
  scripts: readonly string[];
  /** Put into the page as JSON for its scripts, in an element with id `data`. */
  data?: unknown;
}

/** A whole HTML document. Throws when a style or script could end its own element. */
export function renderDocument({ title, body, styles, scripts, data }: PageParts): string {
  for (const code of [...styles, ...scripts])
    if (/<\/(script|style)|<!--/i.test(code)) throw new Error('Inline code would end its own element.');
  const policy = [
    "default-src 'none'",
    `script-src ${scripts.map(hashSource).join(' ') || "'none'"}`,
    `style-src ${styles.map(hashSource).join(' ') || "'none'"}`,
    'img-src data:',
    "base-uri 'none'",
    "form-action 'none'",
  ].join('; ');
  return [
    '<!doctype html>',
    '<html lang="en">',
    '<head>',
    '<meta charset="utf-8">',
    `<meta http-equiv="Content-Security-Policy" content="${policy}">`,
    '<meta name="viewport" content="width=device-width, initial-scale=1">',
    '<meta name="color-scheme" content="light dark">',
    '<meta name="referrer" content="no-referrer">',
    `<title>${escapeHtml(title)}</title>`,
    '<link rel="icon" href="data:,">',
    ...styles.map((style) => `<style>${style}</style>`),
    '</head>',
    '<body>',
    body,
    ...(data === undefined ? [] : [`<script type="application/json" id="data">${scriptJson(data)}</script>`]),
    ...scripts.map((script) => `<script>${script}</script>`),
    '</body>',
    '</html>',
    '',
  ].join('\n');
}

/** The bar above every page. Its button works where scripts do. */
export function renderTopBar(): string {
  return '<div class="top"><span class="wordmark">larsen</span><button type="button" id="theme" class="quiet" hidden>Theme: auto</button></div>';
}

/** Code and style of uPlot, read from the installed package. */
export async function readChartLibrary(): Promise<{ script: string; style: string }> {
  const folder = join(dirname(createRequire(import.meta.url).resolve('uplot/package.json')), 'dist');
  const [script, style] = await Promise.all([
    readFile(join(folder, 'uPlot.iife.min.js'), 'utf8'),
    readFile(join(folder, 'uPlot.min.css'), 'utf8'),
  ]);
  return { script, style };
}

function hashSource(code: string): string {
  return `'sha256-${createHash('sha256').update(code).digest('base64')}'`;
}
