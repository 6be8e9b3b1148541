// The matrix of the oracle: scenario × agent, what must be found and what was, over several seeds. Pure text.

import type { Cell } from './cells.ts';

/** What the page needs of a cell. */
type ControlResult = Omit<Cell, 'key' | 'tookMs'>;

/** How a result is called: all that had to be found and no more, something missing, something too much, no answer. */
export type ControlGrade = 'right' | 'missed' | 'false' | 'unknown';

/** Grades one result. */
export function gradeControl({ expected, found, doubt }: ControlResult): ControlGrade {
  if (doubt !== null) return 'unknown';
  if (expected.some((finding) => !found.includes(finding))) return 'missed';
  return found.some((finding) => !expected.includes(finding)) ? 'false' : 'right';
}

/** The page: head, sums and one table row for each control. `wanted`: how many cells a whole matrix has. */
export function renderMatrix(results: readonly ControlResult[], { wanted }: { wanted: number }): string {
  const rows = groupBy(results, ({ scenario, agent, isVariant, expected }) =>
    [scenario, agent, isVariant, expected.join()].join('|'),
  );
  return [
    '# Oracle matrix',
    '',
    'Every control of every scenario, run for real: agents with one planted defect, which must be found by exactly the findings named,',
    'and clean agents, which must raise none. Written by `npm run verify:oracle`.',
    '',
    `${describeMaking(results)}. ${describeSums(results)}`,
    ...(results.length < wanted ? ['', `**Not whole**: ${results.length} of ${wanted} cells have been run.`] : []),
    '',
    '| scenario | agent | has to be found | result |',
    '| --- | --- | --- | --- |',
    ...[...rows.values()].map(describeRow),
    '',
  ].join('\n');
}

/** When, at which commits, with which seeds and in which profiles the cells were run. */
function describeMaking(results: readonly ControlResult[]): string {
  const days = [...new Set(results.map(({ date }) => date))].sort();
  const when = days.length > 1 ? `${days[0]} to ${days.at(-1)}` : (days[0] ?? 'never');
  const commits = [...groupBy(results, ({ commit }) => commit)];
  const told = commits.map(([name, same]) => (commits.length === 1 ? name : `${name} (${same.length} cells)`));
  const runs = [...groupBy(results, ({ seed, profile }) => `seed ${seed} in the ${profile} profile`)];
  const seeds = runs.map(([name, same]) => `${name} (${same.length} cells)`);
  return `${when}, commit ${told.join(', ')}; ${seeds.join(', ')}`;
}

function describeSums(results: readonly ControlResult[]): string {
  const planted = results.filter(({ expected }) => expected.length > 0);
  const clean = results.filter(({ expected }) => expected.length === 0);
  const count = (among: readonly ControlResult[], grade: ControlGrade): number =>
    among.filter((result) => gradeControl(result) === grade).length;
  return [
    `Planted: ${count(planted, 'right')} of ${planted.length} caught, ${count(planted, 'missed')} missed,`,
    `${count(planted, 'false')} with a false finding beside, ${count(planted, 'unknown')} unknown.`,
    `Clean: ${count(clean, 'right')} of ${clean.length} clean, ${count(clean, 'false')} false, ${count(clean, 'unknown')} unknown.`,
  ].join(' ');
}

function describeRow(results: readonly ControlResult[]): string {
  const { scenario, agent, isVariant, expected } = results[0]!;
  const name = `\`${agent}\`${isVariant ? ', scenario changed' : ''}`;
  return `| \`${scenario}\` | ${name} | ${expected.join(', ') || 'nothing'} | ${describeGrades(results)} |`;
}

function describeGrades(results: readonly ControlResult[]): string {
  const texts = groupBy(results, describeResult);
  return [...texts].map(([text, same]) => (same.length > 1 ? `${text} (${same.length}×)` : text)).join('; ');
}

function describeResult(result: ControlResult): string {
  const { expected, found, doubt } = result;
  const grade = gradeControl(result);
  if (grade === 'unknown') return `**unknown**: ${doubt!.replaceAll('|', '/')}`;
  if (grade === 'right') return expected.length > 0 ? 'caught' : 'clean';
  const missing = expected.filter((finding) => !found.includes(finding));
  const extra = found.filter((finding) => !expected.includes(finding));
  return [
    ...(missing.length > 0 ? [`**missed** ${missing.join(', ')}`] : []),
    ...(extra.length > 0 ? [`**false** ${extra.join(', ')}`] : []),
  ].join(', ');
}

function groupBy<Item>(items: readonly Item[], keyOf: (item: Item) => string): Map<string, Item[]> {
  const groups = new Map<string, Item[]>();
  for (const item of items) groups.set(keyOf(item), [...(groups.get(keyOf(item)) ?? []), item]);
  return groups;
}
