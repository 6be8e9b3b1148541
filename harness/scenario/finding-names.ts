// Names that docs/reference.md promises: checkers with the classes of their findings, and built-in faults. A name of these
// that is not registered is told apart from a mistyped one.

import type { Hop } from '../model/event.ts';
import { describeUnknownName } from './nearest.ts';

/** Classes of findings by checker. */
export const FINDING_CLASSES: Readonly<Record<string, readonly string[]>> = {
  'feedback-loop': ['howling', 'damped-loop', 'payload-echo', 'internal-loop'],
  'socket-stall': ['freeze', 'spike', 'circular-wait', 'runtime-hang'],
  parity: ['lost', 'rejected', 'duplicated', 'phantom'],
  fidelity: ['truncated', 'merged', 'split', 'rewritten', 'reordered', 'misdated'],
  recovery: ['too-slow', 'backlog-starves-live'],
  privacy: ['leaked'],
  'memory-ceiling': ['exceeded', 'growing'],
  'dead-but-green': ['green-while-stuck'],
};

/** The three that judge every run. */
export const MISSION_CHECKERS = ['feedback-loop', 'socket-stall', 'parity'] as const;

/** Faults that are or will be built in. */
export const CONTRACTED_FAULTS: readonly string[] = [
  'sink-status',
  'sink-slow',
  'sink-silent',
  'sink-down',
  'sink-reset',
  'agent-freeze',
  'agent-kill',
  'agent-slow',
  'driver-restart',
  'disk-full',
];

const HOPS: readonly Hop[] = ['app', 'driver', 'agent', 'relay', 'sink'];

/** What is wrong with `checker/class` or `checker/class@hop`, as a control names a finding, or undefined. */
export function checkControlFinding(name: string, checkers: readonly string[]): string | undefined {
  const [finding = '', hop, ...more] = name.split('@');
  const text = checkFindingName(finding, checkers);
  if (text !== undefined || hop === undefined) return text;
  const ends = hop.split('..');
  const unknown = ends.find((end) => !HOPS.includes(end as Hop));
  if (more.length === 0 && ends.length <= 2 && unknown === undefined) return undefined;
  if (more.length > 0 || ends.length > 2 || unknown === '')
    return `expected checker/class@hop, such as parity/lost@agent or parity/lost@driver..agent, got ${JSON.stringify(name)}`;
  return describeUnknownName(unknown!, { what: 'hop', known: [...HOPS] });
}

/** What is wrong with `checker/class`, or undefined. Classes of plugins' checkers are not known beforehand. */
export function checkFindingName(name: string, checkers: readonly string[]): string | undefined {
  const [checker = '', findingClass = '', ...rest] = name.split('/');
  if (checker === '' || findingClass === '' || rest.length > 0)
    return `expected checker/class, such as parity/lost, got ${JSON.stringify(name)}`;
  const classes = Object.hasOwn(FINDING_CLASSES, checker) ? FINDING_CLASSES[checker]! : undefined;
  if (!classes && !checkers.includes(checker))
    return describeUnknownName(checker, { what: 'checker', known: [...checkers] });
  if (classes && !classes.includes(findingClass))
    return describeUnknownName(findingClass, { what: `class of ${checker}`, known: [...classes] });
  return undefined;
}
