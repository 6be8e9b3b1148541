import { describe, expect, it } from 'vitest';
import type { Finding } from '../model/finding.ts';
import { nameFindings } from './name-findings.ts';

const lost = (hop: Finding['hop']) => ({ checker: 'parity', class: 'lost', hop });

describe('nameFindings', () => {
  it.each<[string[], Finding['hop'][], string[]]>([
    [['parity/lost'], ['agent', 'driver'], ['parity/lost']],
    [['parity/lost@agent'], ['agent'], ['parity/lost@agent']],
    [['parity/lost@agent'], ['driver..agent'], ['parity/lost@driver..agent']],
    [['parity/lost@agent'], ['agent', 'sink'], ['parity/lost@agent', 'parity/lost@sink']],
    [
      ['parity/lost', 'parity/lost@agent'],
      ['agent', 'sink'],
      ['parity/lost', 'parity/lost@agent'],
    ],
    [['fidelity/merged@agent'], ['sink'], ['parity/lost']],
    [['parity/lost@agent'], [], []],
    [[], ['agent'], ['parity/lost']],
  ])('asked for %j, found at %j, it names %j', (asked, hops, named) => {
    expect(nameFindings(hops.map(lost), asked)).toEqual(named);
  });
});
