// Seeded randomness (xoshiro128**, Blackman and Vigna 2018). Each part forks its own stream from the seed by
// name, so that adding a draw in one part never shifts what another part gets.

/** A seeded stream of random numbers. */
export interface Prng {
  /** A double in [0, 1). */
  next(): number;
  /** An integer in [min, max], both included. */
  integer(range: { min: number; max: number }): number;
  /** An independent stream named `name`: same seed and name, same stream. */
  fork(name: string): Prng;
}

/** A stream that is a pure function of `seed` (any text or number). */
export function createPrng(seed: string | number): Prng {
  const text = String(seed);
  const state = Uint32Array.from([0, 1, 2, 3], (salt) => hash(`${salt}:${text}`));
  const next = (): number => step(state) / 4_294_967_296;
  return {
    next,
    integer: ({ min, max }) => min + Math.floor(next() * (max - min + 1)),
    fork: (name) => createPrng(`${text}/${name}`),
  };
}

/** FNV-1a with a murmur finaliser, so that near-equal seeds give unrelated states. */
function hash(text: string): number {
  let value = 0x811c9dc5;
  for (let index = 0; index < text.length; index++) value = Math.imul(value ^ text.charCodeAt(index), 0x01000193);
  value = Math.imul(value ^ (value >>> 16), 0x85ebca6b);
  value = Math.imul(value ^ (value >>> 13), 0xc2b2ae35);
  return (value ^ (value >>> 16)) >>> 0;
}

function step(state: Uint32Array): number {
  const [a, b, c, d] = state as unknown as [number, number, number, number];
  const product = Math.imul(b, 5);
  const result = Math.imul((product << 7) | (product >>> 25), 9) >>> 0;
  const shifted = b << 9;
  state[2] = c ^ a;
  state[3] = d ^ b;
  state[1] = b ^ state[2]!;
  state[0] = a ^ state[3]!;
  state[2] = state[2]! ^ shifted;
  state[3] = (state[3]! << 11) | (state[3]! >>> 21);
  return result;
}
