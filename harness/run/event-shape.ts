// What an event in history.jsonl must look like to be judged: fields of the right type where they are there, and those
// without which it says nothing. Files may be damaged, and plugins write events too; what does not fit is a hole.

type Fields = Record<string, 'number' | 'string' | 'object' | 'array'>;

const TOP: Fields = { hop: 'string', app: 'string', id: 'string', bytes: 'number', data: 'object' };

const FLOW: Fields = { lines: 'number', bytes: 'number', reason: 'string' };
const FAULT: Fields = { fault: 'string', index: 'number' };

/** Types of what may stand in `data`, by kind. */
const DATA: Readonly<Record<string, Fields>> = {
  phase: { phase: 'string', loadStartNs: 'number' },
  'write-begin': { seq: 'number', beginNs: 'number', ageMs: 'number', waitingLines: 'number' },
  'write-end': { seq: 'number', beginNs: 'number', endNs: 'number' },
  'driver-read': FLOW,
  'driver-sent': FLOW,
  'driver-dropped': FLOW,
  'agent-own': {
    ...{ point: 'string', bytes: 'number', lines: 'number', ids: 'number', backslashRunMax: 'number' },
    sample: 'string',
  },
  push: {
    ...{ push: 'number', path: 'string', status: 'number', startedNs: 'number', answeredNs: 'number' },
    ...{ decodedBytes: 'number', format: 'string', entries: 'number', lineBytes: 'number', appEntries: 'number' },
    ...{ appBytes: 'number', ownEntries: 'number', ownBytes: 'number', anonymous: 'object', ids: 'number' },
    ...{ foreign: 'array', backslashRunMax: 'number', refusal: 'string', fault: 'string', retryAfter: 'string' },
  },
  process: { role: 'string', name: 'string', pid: 'number', state: 'string' },
  probe: {
    ...{ probe: 'string', role: 'string', name: 'string', cpuMs: 'number', rssBytes: 'number', status: 'number' },
    ...{ groupRssBytes: 'number', groupProcesses: 'number', tookMs: 'number', counters: 'object', loggers: 'array' },
    ...{ threads: 'array', maxWriteMs: 'number', maxLatenessMs: 'number', inFlight: 'number', notSent: 'number' },
    ...{ eventLoopMaxMs: 'number', busyRatio: 'number', entries: 'number', scannedEntries: 'number', leaked: 'object' },
    ...{ command: 'string', logLines: 'number', deadLetterLines: 'number' },
  },
  'fault-injected': FAULT,
  'fault-bit': FAULT,
  'fault-healed': FAULT,
};

/** Fields without which a probe says nothing. */
const PROBE_NEEDS: Readonly<Record<string, string>> = {
  'driver-state': 'loggers',
  'agent-threads': 'threads',
  metrics: 'counters',
  planted: 'leaked',
};

const LOGGER: Fields = { app: 'string', state: 'string', blockedMs: 'number', heldBytes: 'number' };
const THREAD: Fields = { tid: 'number', wchan: 'string', syscall: 'string' };
const LEAK: Fields = { entries: 'number', sample: 'string' };

/** Whether a parsed line can stand as an event. */
export function isEventShaped(event: unknown): boolean {
  if (!isType(event, 'object')) return false;
  const { n, atNs, kind, data } = event as Record<string, unknown>;
  if (!Number.isSafeInteger(n) || !Number.isFinite(atNs) || typeof kind !== 'string') return false;
  if (!fits(event as Record<string, unknown>, TOP)) return false;
  return data === undefined || isDataShaped(kind, data as Record<string, unknown>);
}

function isDataShaped(kind: string, data: Record<string, unknown>): boolean {
  const fields = Object.hasOwn(DATA, kind) ? DATA[kind]! : {};
  if (!fits(data, fields)) return false;
  if (kind === 'push') return isPushShaped(data);
  return kind !== 'probe' || isProbeShaped(data);
}

function isPushShaped({ anonymous, foreign }: Record<string, unknown>): boolean {
  const sums = Object.values((anonymous ?? {}) as Record<string, unknown>);
  const isSum = (sum: unknown): boolean =>
    isType(sum, 'array') && (sum as unknown[]).every((part) => isType(part, 'number'));
  return sums.every(isSum) && ((foreign ?? []) as unknown[]).every((id) => typeof id === 'string');
}

function isProbeShaped(data: Record<string, unknown>): boolean {
  const { probe, loggers, threads, counters, leaked } = data;
  const need = typeof probe === 'string' && Object.hasOwn(PROBE_NEEDS, probe) ? PROBE_NEEDS[probe] : undefined;
  if (need !== undefined && data[need] === undefined) return false;
  return (
    allFit(loggers, LOGGER) &&
    allFit(threads, THREAD) &&
    allFit(Object.values((leaked ?? {}) as object), LEAK) &&
    Object.values((counters ?? {}) as object).every((value) => isType(value, 'number'))
  );
}

function allFit(items: unknown, fields: Fields): boolean {
  if (items === undefined) return true;
  return (items as unknown[]).every(
    (item) =>
      isType(item, 'object') &&
      Object.keys(fields).every((key) => isType((item as Record<string, unknown>)[key], fields[key]!)),
  );
}

function fits(value: Record<string, unknown>, fields: Fields): boolean {
  for (const key in fields) if (value[key] !== undefined && !isType(value[key], fields[key]!)) return false;
  return true;
}

function isType(value: unknown, type: Fields[string]): boolean {
  if (type === 'array') return Array.isArray(value);
  if (type === 'object') return typeof value === 'object' && value !== null && !Array.isArray(value);
  return type === 'number' ? Number.isFinite(value) : typeof value === type;
}
