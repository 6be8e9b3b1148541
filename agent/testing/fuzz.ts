// Bytes of strangers for decoders: mutations of messages that are nearly right, with bits flipped, parts cut out, doubled
// and put together from others. CI runs a few hundred of each; LARSEN_FUZZ=1000000 says how many a long run does,
// LARSEN_FUZZ_SEED where it begins.

const COUNT = Number(process.env.LARSEN_FUZZ ?? 300);
const SEED = Number(process.env.LARSEN_FUZZ_SEED ?? 1);
/** Longest input. */
export const FUZZ_BYTES_MAX = 4096;

/** A small generator of its own: millions of inputs, each to be had again by its seed. */
class Mutator {
  private state: number;

  constructor(seed: number) {
    this.state = seed | 1;
  }

  below(bound: number): number {
    this.state ^= this.state << 13;
    this.state ^= this.state >>> 17;
    this.state ^= this.state << 5;
    return (this.state >>> 0) % bound;
  }

  mutate(corpus: readonly Buffer[]): Buffer {
    let bytes = Buffer.from(corpus[this.below(corpus.length)] as Buffer);
    for (let left = this.below(5); left > 0 && bytes.length > 0; left--) {
      const at = this.below(bytes.length);
      const what = this.below(6);
      if (what === 0) bytes[at] = (bytes[at] as number) ^ (1 << this.below(8));
      else if (what === 1) bytes[at] = INTERESTING[this.below(INTERESTING.length)] as number;
      else if (what === 2) bytes = bytes.subarray(0, at);
      else if (what === 3) bytes = Buffer.concat([bytes.subarray(0, at), bytes.subarray(at + this.below(8))]);
      else if (what === 4) bytes = Buffer.concat([bytes.subarray(0, at), bytes.subarray(this.below(at + 1))]);
      else bytes = Buffer.concat([bytes.subarray(0, at), corpus[this.below(corpus.length)] as Buffer]);
    }
    return bytes.subarray(0, FUZZ_BYTES_MAX);
  }
}

const INTERESTING = [
  0, 1, 0x0a, 0x20, 0x22, 0x2e, 0x3a, 0x40, 0x5c, 0x7b, 0x7f, 0x80, 0x90, 0xc1, 0xc6, 0xd9, 0xdb, 0xdc, 0xdd, 0xdf,
  0xff,
];

/** Calls `take` with mutations of the corpus; says which one it was that it threw at. */
export function fuzzWith(corpus: readonly Buffer[], take: (bytes: Buffer) => void): void {
  const mutator = new Mutator(SEED);
  for (let n = 0; n < COUNT; n++) {
    const bytes = mutator.mutate(corpus);
    try {
      take(bytes);
    } catch (error) {
      throw new Error(`input ${n} of seed ${SEED}: ${bytes.toString('hex')}`, { cause: error });
    }
  }
}
