// The table of docs/fidelity.md that sets the engines side by side. Pure text.

import { BOUNDS, findDifferences, type Side } from './compare-sides.ts';

/** A run on both engines. */
export interface Pair {
  scenario: string;
  agent: string;
  /** The control changes the scenario. */
  isVariant: boolean;
  process: Side;
  docker: Side;
}

/** Rows and what they say together. `reasons`: why a pair differs, by `scenario agent`. */
export function renderTable(
  pairs: readonly Pair[],
  { reasons, head }: { reasons: Readonly<Record<string, string>>; head: string },
): string {
  const rows = pairs.map((pair) => describeRow(pair, reasons[keyOf(pair)]));
  const bounds = Object.values(BOUNDS).map(({ label, text }) => `${label} ${text}`);
  const agreeing = pairs.filter(({ process, docker }) => findDifferences(process, docker).length === 0);
  return [
    `${head} ${agreeing.length} of ${pairs.length} pairs agree. Bounds: ${bounds.join(', ')}.`,
    '',
    '| scenario | agent | process | docker | figures, process / docker | agree |',
    '| --- | --- | --- | --- | --- | --- |',
    ...rows,
  ].join('\n');
}

/** Pairs that differ and have no reason. */
export function findUnexplained(pairs: readonly Pair[], reasons: Readonly<Record<string, string>>): string[] {
  return pairs
    .filter((pair) => findDifferences(pair.process, pair.docker).length > 0 && reasons[keyOf(pair)] === undefined)
    .map(keyOf);
}

function keyOf({ scenario, agent, isVariant }: Pair): string {
  return `${scenario} ${agent}${isVariant ? ' changed' : ''}`;
}

function labelOf(name: string): string {
  return BOUNDS[name]?.label ?? name;
}

function describeRow(pair: Pair, reason: string | undefined): string {
  const { process, docker, scenario, agent, isVariant } = pair;
  const differences = findDifferences(process, docker);
  const agree = differences.length === 0 ? 'yes' : `**no**: ${differences.map(labelOf).join(', ')}`;
  const cells = [
    `\`${scenario}\``,
    `\`${agent}\`${isVariant ? ', scenario changed' : ''}`,
    describeVerdict(process),
    describeVerdict(docker),
    describeFigures(process, docker),
    differences.length > 0 ? `${agree}. ${reason ?? 'Not explained'}` : agree,
  ];
  return `| ${cells.map((cell) => cell.replaceAll('|', '/')).join(' | ')} |`;
}

function describeVerdict({ verdict, findings, doubts }: Side): string {
  const said = verdict === 'unknown' ? doubts.slice(0, 1) : findings;
  return said.length === 0 ? verdict : `${verdict}: ${said.join(', ')}`;
}

/** Those that are not zero on both sides. */
function describeFigures({ figures: one }: Side, { figures: other }: Side): string {
  const names = [...new Set([...Object.keys(BOUNDS), ...Object.keys(one), ...Object.keys(other)])];
  const said = names
    .filter((name) => (one[name] ?? 0) !== 0 || (other[name] ?? 0) !== 0)
    .map((name) => `${labelOf(name)} ${describe(name, one[name])} / ${describe(name, other[name])}`);
  return said.join('; ') || 'nothing lost, nothing twice';
}

function describe(name: string, value: number | undefined): string {
  if (value === undefined) return '–';
  if (name.startsWith('ms') || name.endsWith('Ms')) return `${(value / 1_000).toFixed(1)} s`;
  return name === 'gain' ? value.toFixed(3) : Math.round(value).toLocaleString('en');
}
