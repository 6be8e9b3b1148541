// Personal data that is planted in lines so that it can be found again: made up, drawn from the seed, and of forms that
// nothing else in a run has. An agent that scrubs leaves none of it in the sink.

/** Kinds of personal data. */
export const PLANTED_KINDS = ['ipv4', 'ipv6', 'login', 'email'] as const;

/** One of them. */
export type PlantedKind = (typeof PLANTED_KINDS)[number];

/** The shape whose lines carry all of them. */
export const PERSONAL_SHAPE = 'personal';

/** What reading back found of planted data. `entries`: entries of the sink that hold any of a kind, and the first of it. */
export interface PlantedFacts {
  scannedEntries: number;
  leaked: Partial<Record<PlantedKind, { entries: number; sample: string }>>;
}

/**
 * One of a kind. IPv4 of 198.18.0.0/15 (RFC 2544, for benchmarks) and IPv6 of the documentation prefix, with no
 * part that is zero: an address that was cut to its network is no longer one of these.
 */
export function plant(kind: PlantedKind, random: () => number): string {
  const integer = (min: number, max: number): number => min + Math.floor(random() * (max - min + 1));
  const hex = (digits: number): string => Array.from({ length: digits }, () => integer(0, 15).toString(16)).join('');
  if (kind === 'ipv4') return `198.${integer(18, 19)}.${integer(1, 254)}.${integer(1, 254)}`;
  if (kind === 'ipv6')
    return `2001:db8:5ec7:${Array.from({ length: 5 }, () => integer(0x1000, 0xffff).toString(16)).join(':')}`;
  return kind === 'login' ? `viewer-${hex(12)}` : `${hex(12)}@planted.example`;
}

const FORMS: Record<PlantedKind, RegExp> = {
  ipv4: /(?<![\d.])198\.1[89]\.(?:[1-9]\d{0,2})\.(?:[1-9]\d{0,2})(?![\d.]*\d)/,
  ipv6: /2001:db8:5ec7(?::[1-9a-f][0-9a-f]{3}){5}/,
  login: /viewer-[0-9a-f]{12}(?![0-9a-f])/,
  email: /[0-9a-f]{12}@planted\.example/,
};

/** What each form holds in any case: most entries hold none of it, and are done with in no time. */
const NEEDLES: Record<PlantedKind, string> = {
  ipv4: '198.1',
  ipv6: '2001:db8:5ec7:',
  login: 'viewer-',
  email: '@planted.example',
};

/** The first of a kind in a text, or null. */
export function findPlanted(kind: PlantedKind, text: string): string | null {
  return text.includes(NEEDLES[kind]) ? (FORMS[kind].exec(text)?.[0] ?? null) : null;
}
