import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createPrng } from '../core/prng.ts';
import { findPlanted, PLANTED_KINDS, type PlantedKind, plant } from './planted.ts';

const kinds = fc.constantFrom<PlantedKind>(...PLANTED_KINDS);

describe('what is planted', () => {
  it('is found again to the letter, in whatever stands around it, and is of no other kind', () => {
    fc.assert(
      fc.property(kinds, fc.nat(), fc.constantFrom(' ', '"', '[', '=', '\\"', ','), (kind, seed, edge) => {
        const text = plant(kind, createPrng(seed).next);
        for (const other of PLANTED_KINDS)
          expect(findPlanted(other, `from${edge}${text}${edge} 206`)).toBe(other === kind ? text : null);
      }),
    );
  });

  it('differs from draw to draw', () => {
    const random = createPrng('draws').next;
    for (const kind of PLANTED_KINDS) {
      const drawn = Array.from({ length: 200 }, () => plant(kind, random));
      expect(new Set(drawn).size).toBeGreaterThan(190);
    }
  });

  it.each([
    ['ipv4', '198.18.7.0 198.18.0.0 198.51.100.9 1198.18.7.9 198.18.7.9.5 ipv4-00c1a2b3c4d5'],
    ['ipv6', '2001:db8:5ec7:: 2001:db8:5ec7:0:0:0:0:0 2001:db8::1'],
    ['login', 'viewer-[login] viewer login-1a2b3c4d5e6f viewer-1a2b'],
    ['email', '[email] planted.example @planted.example'],
  ] as const)('is no longer there once %s was masked, cut or hashed', (kind, text) => {
    expect(findPlanted(kind, text)).toBeNull();
  });
});
