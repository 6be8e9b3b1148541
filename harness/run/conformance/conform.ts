// `larsen conformance forward`: one agent, asked everything that a receiver of the Forward protocol can be asked.

import { HarnessError } from '../../core/errors.ts';
import type { AgentSpec } from '../../model/agent.ts';
import { ORDEALS, takes } from './ordeals.ts';
import { ROWS, type Row, type RowOutcome } from './rows.ts';
import { openStand, type Stand } from './stand.ts';

/** One answered question. `unknown`: it could not be asked; `seen` says why. */
export interface ConformanceRow {
  id: string;
  title: string;
  must: boolean;
  verdict: 'yes' | 'no' | 'unknown';
  seen: string;
}

/** The answers of one agent. */
export interface Conformance {
  schema: 1;
  agent: string;
  protocol: 'forward';
  /** `invalid`: a row that the specification demands says no; `unknown`: one of them could not be asked. */
  verdict: 'valid' | 'invalid' | 'unknown';
  rows: ConformanceRow[];
}

/** How patiently it is asked. */
export interface ConformanceOptions {
  /** How long a record may take from the socket to the far end. */
  patienceMs: number;
  /** Where the agent's own output is kept; null: nowhere. */
  logFolder: string | null;
}

type Address = AgentSpec['driver']['address'];

const LISTENS: Record<Address, Row> = {
  unix: { id: 'unix', title: 'listens on a unix socket', must: false, ask: takes },
  tcp: { id: 'tcp', title: 'listens on TCP', must: false, ask: takes },
};

/** Asks everything. Throws HarnessError where the agent starts at neither address. */
export async function conformForward(spec: AgentSpec, options: ConformanceOptions): Promise<Conformance> {
  const rows: ConformanceRow[] = [];
  const first = spec.driver.address;
  const steps = [[LISTENS[first]], ROWS, ...ORDEALS.map((row) => [row])];
  const failure = await askAt(first, steps, { spec, options, rows });
  if (failure) throw failure;
  const other = first === 'unix' ? 'tcp' : 'unix';
  const refused = await askAt(other, [[LISTENS[other]]], { spec, options, rows });
  if (refused) rows.push({ ...describe(LISTENS[other]), verdict: 'unknown', seen: refused.message });
  return { schema: 1, agent: spec.name, protocol: 'forward', verdict: judge(rows), rows };
}

/**
 * Starts the agent at that address and asks, step by step; the rows of a step are asked at once. An agent that does not
 * start there is the error that is returned.
 */
async function askAt(
  address: Address,
  steps: readonly (readonly Row[])[],
  { spec, options, rows }: { spec: AgentSpec; options: ConformanceOptions; rows: ConformanceRow[] },
): Promise<HarnessError | null> {
  let stand: Stand;
  try {
    stand = await openStand(spec, { address, ...options });
  } catch (error) {
    if (error instanceof HarnessError && error.code.startsWith('E_AGENT_')) return error;
    throw error;
  }
  await using _stand = stand;
  for (const step of steps) rows.push(...(await Promise.all(step.map((row) => answer(row, stand)))));
  return null;
}

async function answer(row: Row, stand: Stand): Promise<ConformanceRow> {
  const outcome: RowOutcome = await row.ask(stand).catch((error: Error) => ({ holds: false, seen: error.message }));
  return { ...describe(row), verdict: outcome.holds ? 'yes' : 'no', seen: outcome.seen };
}

const describe = ({ id, title, must }: Row): Pick<ConformanceRow, 'id' | 'title' | 'must'> => ({ id, title, must });

function judge(rows: readonly ConformanceRow[]): Conformance['verdict'] {
  const demanded = rows.filter(({ must }) => must);
  if (demanded.length === 0 || demanded.some(({ verdict }) => verdict === 'unknown')) return 'unknown';
  return demanded.some(({ verdict }) => verdict === 'no') ? 'invalid' : 'valid';
}
