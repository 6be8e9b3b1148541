// The series that come from the control events of a history: what the driver sent, the agent's own output, each
// push, the agent's memory, the control emitter.

import type { Event, ProbeData, PushData } from '../../model/event.ts';
import type { Bins, Series } from './bins.ts';

/** One push, for the chart of push sizes. */
export interface PushPoint {
  atS: number;
  decodedBytes: number;
  accepted: boolean;
  status: number;
}

/** Pushes shown one by one; the sort that cuts them runs once per as many again. */
const PUSHES_MAX = 2_000;

/** Pushes and their lines as one hop saw them. */
interface PushesAtHop {
  accepted: Float64Array;
  refused: Float64Array;
  acceptedBytes: Float64Array;
  refusedBytes: Float64Array;
  points: PushPoint[];
  leftOut: number;
  json: boolean;
}

type UsageProbe = Omit<Extract<ProbeData, { probe: 'usage' }>, 'probe'>;
type ControlProbe = Omit<Extract<ProbeData, { probe: 'control' }>, 'probe'>;

/** Sums what the control events tell into bins: own output, pushes, the driver's flow, memory, the control emitter. */
export function createControlSeries(bins: Bins) {
  const sentLines = bins.zeros();
  const sentBytes = bins.zeros();
  const ownStdout = bins.zeros();
  const ownReentered = bins.zeros();
  const controlWrites: Series = bins.nulls();
  const memoryByProcess = new Map<string, Series>();
  const pushesByHop = new Map<string, PushesAtHop>();

  const addPush = (event: Event): void => {
    const at = pushesByHop.get(event.hop) ?? createPushes(bins);
    pushesByHop.set(event.hop, at);
    // Histories of plugins may lack any of these.
    const push: Partial<PushData> = event.data ?? {};
    const index = bins.indexOf(push.answeredNs || event.atNs);
    if (index === -1) return;
    const status = toNumber(push.status);
    const accepted = status >= 200 && status < 300;
    (accepted ? at.accepted : at.refused)[index]! += toNumber(push.appEntries);
    (accepted ? at.acceptedBytes : at.refusedBytes)[index]! += toNumber(push.appBytes);
    at.json ||= push.format === 'json';
    const atS = bins.secondsOf(push.startedNs || event.atNs);
    at.points.push({ atS, decodedBytes: toNumber(push.decodedBytes), accepted, status });
    if (at.points.length > PUSHES_MAX * 2) at.leftOut += keepLargest(at.points);
  };

  const addProbe = (event: Event): void => {
    const data: Partial<UsageProbe & ControlProbe> & { probe?: unknown } = event.data ?? {};
    const index = bins.indexOf(event.atNs);
    if (index === -1) return;
    if (data.probe === 'control') controlWrites[index] = Math.max(controlWrites[index] ?? 0, toNumber(data.maxWriteMs));
    if (data.probe !== 'usage' || data.role !== 'agent') return;
    const name = String(data.name);
    const memory = memoryByProcess.get(name) ?? bins.nulls();
    memoryByProcess.set(name, memory);
    memory[index] = Math.max(memory[index] ?? 0, toNumber(data.rssBytes));
  };

  const add = (event: Event): void => {
    if (event.kind === 'push') addPush(event);
    if (event.kind === 'probe') addProbe(event);
    const index = bins.indexOf(event.atNs);
    if (index === -1) return;
    const data = event.data ?? {};
    if (event.kind === 'driver-sent' && event.hop === 'driver' && event.app) {
      sentLines[index]! += toNumber(data.lines);
      sentBytes[index]! += toNumber(data.bytes);
    }
    if (event.kind === 'agent-own')
      (data.point === 'reentered' ? ownReentered : ownStdout)[index]! += toNumber(data.bytes);
  };

  // Where two hops record pushes, the one next to the sink tells what the sink saw.
  const pushed = (): PushesAtHop => pushesByHop.get('sink') ?? pushesByHop.get('relay') ?? createPushes(bins);
  return {
    add,
    sentLines,
    sentBytes,
    ownStdout,
    ownReentered,
    controlWrites,
    pushed,
    memory: () => sumSeries([...memoryByProcess.values()], bins),
    pushPoints: () => {
      const at = pushed();
      const leftOut = at.leftOut + keepLargest(at.points);
      return { pushes: at.points.sort((a, b) => a.atS - b.atS), pushesLeftOut: leftOut, jsonPushes: at.json };
    },
  };
}

function createPushes(bins: Bins): PushesAtHop {
  return {
    accepted: bins.zeros(),
    refused: bins.zeros(),
    acceptedBytes: bins.zeros(),
    refusedBytes: bins.zeros(),
    points: [],
    leftOut: 0,
    json: false,
  };
}

function toNumber(value: unknown): number {
  return typeof value === 'number' && Number.isFinite(value) ? value : 0;
}

/** Cuts the list to its largest PUSHES_MAX points, refusals before all others; returns how many went. */
function keepLargest(points: PushPoint[]): number {
  if (points.length <= PUSHES_MAX) return 0;
  points.sort((a, b) => Number(a.accepted) - Number(b.accepted) || b.decodedBytes - a.decodedBytes);
  return points.splice(PUSHES_MAX).length;
}

function sumSeries(all: Series[], bins: Bins): Series {
  return bins.nulls().map((_, index) => {
    const values = all.map((series) => series[index] ?? null).filter((value) => value !== null);
    return values.length === 0 ? null : values.reduce((sum, value) => sum + value, 0);
  });
}
