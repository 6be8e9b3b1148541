// Values of log-opts as the daemon itself reads them: sizes, durations, booleans and whole numbers of the Go
// libraries it uses, with their error texts.

const SIZE = /^(\d+(?:\.\d+)*) ?([kKmMgGtTpP])?[iI]?[bB]?$/;
const SIZE_POWER = ['k', 'm', 'g', 't', 'p'];
const DURATION_PART = /(\d+(?:\.\d*)?|\.\d+)(ns|us|µs|ms|s|m|h)/y;
const DURATION_MS = { ns: 1e-6, us: 1e-3, µs: 1e-3, ms: 1, s: 1_000, m: 60_000, h: 3_600_000 } as const;
const UINT32_MAX = 4_294_967_295;
const TRUE = ['1', 't', 'T', 'TRUE', 'true', 'True'];
const FALSE = ['0', 'f', 'F', 'FALSE', 'false', 'False'];

/** Bytes of `4m`, `1g`, `512`, `1.5 KiB`: powers of 1,024. Throws Docker's text. */
export function parseRamInBytes(text: string): number {
  const match = SIZE.exec(text);
  const count = Number(match?.[1]);
  if (!match || Number.isNaN(count)) throw new Error(`invalid size: '${text}'`);
  const power = match[2] ? SIZE_POWER.indexOf(match[2].toLowerCase()) + 1 : 0;
  return Math.trunc(count * 1024 ** power);
}

/** Milliseconds of `1s`, `1m30s`, `250ms`. Throws Docker's text. */
export function parseGoDuration(text: string): number {
  if (text === '0') return 0;
  const sign = text.startsWith('-') ? -1 : 1;
  const body = text.replace(/^[-+]/, '');
  let total = 0;
  let at = 0;
  while (at < body.length) {
    DURATION_PART.lastIndex = at;
    const match = DURATION_PART.exec(body);
    if (!match) break;
    total += Number(match[1]) * DURATION_MS[match[2] as keyof typeof DURATION_MS];
    at = DURATION_PART.lastIndex;
  }
  if (body === '' || at < body.length) throw new Error(`time: invalid duration "${text}"`);
  return sign * total;
}

/** A boolean as the daemon takes it. Throws Docker's text. */
export function parseGoBoolean(text: string): boolean {
  if (TRUE.includes(text)) return true;
  if (FALSE.includes(text)) return false;
  throw new Error(`strconv.ParseBool: parsing "${text}": invalid syntax`);
}

/** A whole number from 0, of 32 bits. Throws Docker's text. */
export function parseGoUint(text: string): number {
  if (!/^\d+$/.test(text)) throw new Error(`strconv.ParseUint: parsing "${text}": invalid syntax`);
  if (Number(text) <= UINT32_MAX) return Number(text);
  throw new Error(`strconv.ParseUint: parsing "${text}": value out of range`);
}
