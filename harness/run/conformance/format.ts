// The answers of agents as a table for the terminal: a column for each agent, then what was seen where one says no.

import { makeOneLine } from '../../report/escape.ts';
import type { Conformance } from './conform.ts';

const MARKS = { yes: '✔', no: '✘', unknown: '?' } as const;

/** The table, with a line for each answer that is not yes. */
export function formatConformance(answers: readonly Conformance[]): string {
  const rows = answers[0]?.rows ?? [];
  const width = Math.max(...rows.map(({ title }) => title.length)) + 2;
  const columns = answers.map(({ agent }) => Math.max(agent.length, 3) + 2);
  const lines = [
    `${' '.repeat(width + 6)}${answers.map(({ agent }, index) => agent.padEnd(columns[index]!)).join('')}`,
  ];
  for (const { id, title, must } of rows) {
    const cells = answers.map((answer, index) => MARKS[verdictOf(answer, id)].padEnd(columns[index]!));
    lines.push(`${title.padEnd(width)}${must ? 'must  ' : '      '}${cells.join('')}`.trimEnd());
  }
  for (const answer of answers) {
    lines.push('', `${answer.agent}: ${answer.verdict}`);
    for (const { id, title, verdict, seen } of answer.rows)
      if (verdict !== 'yes' || id === 'stalled-output')
        lines.push(`  ${MARKS[verdict]} ${title}: ${makeOneLine(seen)}`);
  }
  return `${lines.join('\n')}\n`;
}

function verdictOf({ rows }: Conformance, id: string): 'yes' | 'no' | 'unknown' {
  return rows.find((row) => row.id === id)?.verdict ?? 'unknown';
}
