// Filler text: plain lower-case words cut out of one fixed pool, so that a line of any size costs one draw and
// one copy. Never ends in a blank, which wrappers like logfmt may trim away.

import { createPrng } from '../../core/prng.ts';

const WORDS =
  'the a of to agent buffer line log sink push flush batch retry stream video viewer piece chunk cache index shard queue lease token frame peer track segment playlist worker tenant'.split(
    ' ',
  );
const POOL_BYTES = 32_768;
const POOL = fillPool();

/** `length` ASCII characters of words, from a place in the pool that one draw of `random` chooses. */
export function drawFiller(length: number, random: () => number): string {
  if (length <= 0) return '';
  const start = Math.floor(random() * POOL_BYTES);
  const rounds = Math.ceil((start + length) / POOL_BYTES);
  const text = (rounds > 1 ? POOL.repeat(rounds) : POOL).slice(start, start + length);
  return text.endsWith(' ') ? `${text.slice(0, -1)}.` : text;
}

/** The same with `+` for blanks, fit for the query of a URL. */
export function drawQueryFiller(length: number, random: () => number): string {
  return drawFiller(length, random).replaceAll(' ', '+');
}

function fillPool(): string {
  const random = createPrng('filler');
  let text = '';
  while (text.length < POOL_BYTES) text += `${WORDS[random.integer({ min: 0, max: WORDS.length - 1 })]} `;
  return text.slice(0, POOL_BYTES);
}
