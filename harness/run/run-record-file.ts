// Makes, writes and reads run.json.

import { createHash } from 'node:crypto';
import { readFileSync, writeFileSync } from 'node:fs';
import { cpus, release, totalmem } from 'node:os';
import { join } from 'node:path';
import { HarnessError } from '../core/errors.ts';
import type { RunPlan } from '../model/run.ts';
import type { RunRecord } from '../model/run-record.ts';
import { refuseNewer } from './refuse-newer.ts';
import { runRecordSchema } from './run-record-schema.ts';
import { LARSEN_VERSION } from './version.ts';

const FILE = 'run.json';

/** The record of a run that is about to start. */
export function createRunRecord(plan: RunPlan): RunRecord {
  const { folder: _folder, ...kept } = plan;
  return {
    schema: 1,
    larsen: LARSEN_VERSION,
    startedAt: new Date().toISOString(),
    plan: redact(kept),
    versions: { larsen: LARSEN_VERSION, node: process.version },
    machine: {
      platform: process.platform,
      arch: process.arch,
      cpus: cpus().length,
      memoryBytes: totalmem(),
      kernel: release(),
    },
    digests: {
      scenario: sha256(JSON.stringify(plan.scenario)),
      agent: sha256(JSON.stringify(plan.agent)),
      agentConfig: sha256(plan.agent.configText ?? ''),
    },
    loadStartNs: null,
    loadEndMs: 0,
    endMs: 0,
    wrapper: plan.agent.line,
    readBack: null,
    doubts: [],
    interrupted: false,
    selfRecordingApps: [],
    recordingHop: true,
  };
}

/** Writes run.json into the run folder. */
export function writeRunRecord(folder: string, record: RunRecord): void {
  writeFileSync(join(folder, FILE), `${JSON.stringify(record, null, 2)}\n`);
}

/** Reads run.json. Throws E_RUN_FOLDER_READ when the folder holds no run, E_RUN_FOLDER_INVALID when it is damaged or newer. */
export function readRunRecord(folder: string): RunRecord {
  const raw = readJson(folder);
  refuseNewer(raw, join(folder, FILE));
  const parsed = runRecordSchema.safeParse(raw);
  if (parsed.success) return parsed.data as unknown as RunRecord;
  const [issue] = parsed.error.issues;
  throw new HarnessError(
    'E_RUN_FOLDER_INVALID',
    `${join(folder, FILE)}: \`${issue?.path.join('.') || 'the whole file'}\` is not what larsen writes there (${issue?.message}): run the scenario again`,
  );
}

function readJson(folder: string): unknown {
  try {
    return JSON.parse(readFileSync(join(folder, FILE), 'utf8'));
  } catch (cause) {
    throw new HarnessError(
      'E_RUN_FOLDER_READ',
      `${folder} holds no readable run (${FILE}): give the folder of one run, e.g. reports/runs/<time>/<scenario>--<agent>`,
      { cause },
    );
  }
}

/** Stands where a secret was. */
export const REDACTED = '[redacted]';

const SECRET_NAME = /pass(word|wd)?|secret|token|api[_-]?key|authorization|credential|private[_-]?key|shared[_-]?key/i;

/** Secrets never reach a run folder: values of telling names in env, and such settings in the agent's config text. */
function redact(plan: Omit<RunPlan, 'folder'>): Omit<RunPlan, 'folder'> {
  const { agent } = plan;
  const env = Object.fromEntries(
    Object.entries(agent.process.env).map(([key, value]) => [key, SECRET_NAME.test(key) ? REDACTED : value]),
  );
  const configText =
    agent.configText?.replace(
      new RegExp(`^(.*(?:${SECRET_NAME.source})[^\\s:="']*["']?\\s*[:=\\s]\\s*)(\\S.*)$`, 'gim'),
      `$1${REDACTED}`,
    ) ?? null;
  return { ...plan, agent: { ...agent, configText, process: { ...agent.process, env } } };
}

function sha256(text: string): string {
  return createHash('sha256').update(text).digest('hex');
}
