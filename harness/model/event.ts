// One timed fact of a run. Control events are JSON lines in `history.jsonl`, numbered by the one writer of that
// file; what happens per line goes to `lines/<app>.bin` (line-record.ts) and becomes an Event only for checkers
// that ask for it.

import type { PlantedFacts } from './planted.ts';

export const EVENT_KINDS = [
  'phase',
  'planned',
  'write-begin',
  'write-end',
  'driver-read',
  'driver-dropped',
  'driver-sent',
  'agent-own',
  'push',
  'stored',
  'fault-injected',
  'fault-bit',
  'fault-healed',
  'process',
  'probe',
  'harness',
] as const;

/** What an event tells of. */
export type EventKind = (typeof EVENT_KINDS)[number];

/** Where a line passes or dies; a range where no one can see inside. */
export type Hop = 'app' | 'driver' | 'agent' | 'relay' | 'sink';

/** A hop or a range of hops, e.g. `driver..agent`. */
export type HopRange = Hop | `${Hop}..${Hop}`;

/** One event. `n` is its number in history.jsonl (evidence is `history#<n>`); times are absolute monotonic ns. */
export interface Event {
  n: number;
  atNs: number;
  kind: EventKind;
  hop: Hop;
  app?: string;
  id?: string;
  bytes?: number;
  data?: EventData;
}

/** What an event carries beside its standard fields; the shapes per kind are below. */
export type EventData = Record<string, unknown>;

/** An event as a part emits it; the writer of the history gives it `n`. */
export type EmittedEvent = Omit<Event, 'n' | 'atNs'> & { atNs?: number };

/** Points at an event as evidence. */
export type EventRef = `history#${number}`;

// ---- data by kind (all optional fields may be missing in histories of plugins) ----

/** kind `phase`: the run enters a phase. `load` carries loadStartNs: the zero of all times in results. */
export interface PhaseData {
  phase: 'prepare' | 'preflight' | 'load' | 'heal' | 'drain' | 'stop' | 'read-back' | 'end';
  loadStartNs?: number;
}

/** kind `write-begin` (hop app): a write(2) that has been open for 100 ms or more, published while it is open. */
export interface OpenWriteData {
  seq: number;
  beginNs: number;
  ageMs: number;
  /** true: the app queues its writes in its own memory (Node on a pipe), so the app itself is not blocked. */
  queued: boolean;
  /** Lines waiting in the app behind the open write. */
  waitingLines: number;
}

/** kind `write-end` (hop app): the end of a write that was published as open. */
export interface WriteEndData {
  seq: number;
  beginNs: number;
  endNs: number;
}

/** kinds `driver-read`, `driver-sent` (hop driver), every 250 ms and app while there is something to tell. `app` is
 * undefined and hop `agent` where the container is the agent itself: its own output re-entering (kind agent-own then). */
export interface DriverFlowData {
  lines: number;
  bytes: number;
}

/** kind `driver-dropped`: every 250 ms, app and reason. */
export interface DriverDroppedData {
  reason: string;
  lines: number;
  bytes: number;
  /** Lines that the daemon wrote about them into its own log. */
  reports?: number;
  /** Whether such a line shows the message. */
  reportsPayload?: boolean;
}

/** kind `agent-own`. point `stdout`: bytes read from the agent's stdout/stderr (wherever they are routed).
 * point `reentered`: bytes of these sent back into the agent's own input by the driver. Every 250 ms. */
export interface AgentOwnData {
  point: 'stdout' | 'reentered';
  bytes: number;
  lines: number;
  /** Ids of app lines found in them: the agent prints payload. */
  ids: number;
  /** Longest run of backslashes seen in this interval. */
  backslashRunMax: number;
  /** First 200 characters of a line that held ids, redacted of nothing: run folders hold synthetic lines only. */
  sample?: string;
  /** The point is watched, whether or not anything came by: told each second by engines that do not own the driver. */
  watched?: true;
}

/** kind `push` (hop relay or sink): one push attempt as the recording hop saw it, written when it was answered or given up. */
export interface PushData {
  /** Number of the push at this hop, from 1. */
  push: number;
  path: string;
  /** HTTP status, 0 when there was no answer (reset, timeout, refused upstream). */
  status: number;
  startedNs: number;
  answeredNs: number;
  /** Bytes after decompression. */
  decodedBytes: number;
  /** protobuf (after snappy) or json. */
  format: 'protobuf' | 'json' | 'unknown';
  /** Entries in it; bytes of all their lines. */
  entries: number;
  lineBytes: number;
  /** Entries that hold exactly one id of an app line, and their bytes. */
  appEntries: number;
  appBytes: number;
  /** Entries without an id or with several: agent-origin unless anonymous, and their bytes. */
  ownEntries: number;
  ownBytes: number;
  /** Of these, entries whose unwrapped text is small and may be an anonymous app line: CRC-32 → [entries, bytes]. At most 32 kinds. */
  anonymous: Record<string, [entries: number, bytes: number]>;
  /** Ids seen by the raw scan. */
  ids: number;
  /** Ids of this run whose app is none of ours, up to 8 of them: phantoms. */
  foreign?: string[];
  backslashRunMax: number;
  /** Up to 300 characters of a refusal's body. */
  refusal?: string;
  /** The fault that answered in place of the sink, if one did. */
  fault?: string;
  retryAfter?: string;
}

/** kind `process`: a process of the run changed state. */
export interface ProcessData {
  role: 'app' | 'driver' | 'agent' | 'relay' | 'sink' | 'recorder' | 'load' | 'control';
  name: string;
  pid: number;
  state: 'started' | 'ready' | 'stopping' | 'exited' | 'frozen' | 'thawed' | 'killed' | 'restarted';
  code?: number | null;
  signal?: string | null;
  /** Whether the harness or a fault asked for it. */
  expected?: boolean;
}

/** kind `probe`. `usage`: one process, each second; of the agent its whole process group beside it. `health`: the agent's
 * health page, each second while it lives (status 0: no answer). `metrics`: what counters on its metrics page admit to have lost.
 * `planted`: what reading back found of planted personal data, where `privacy` is judged. `driver-state`: each logger, each 500 ms while anything is held.
 * `agent-threads`: wait channels of the agent's threads while it looks stuck (Linux). `control`: the control emitter.
 * `app-output`: bytes that an app of another project has written to its stdout so far, while they grow (docker engine).
 * `runtime`: one command to the container runtime (docker engine). `daemon-log`: errors that the Docker daemon wrote about its
 * log drivers, where its log can be read. */
export type ProbeData =
  | {
      probe: 'usage';
      role: string;
      name: string;
      cpuMs: number;
      rssBytes: number;
      groupRssBytes?: number;
      groupProcesses?: number;
    }
  | { probe: 'health'; status: number; tookMs: number }
  | { probe: 'metrics'; status: number; tookMs: number; counters: Record<string, number> }
  | { probe: 'driver-state'; loggers: DriverLoggerState[] }
  | { probe: 'agent-threads'; threads: { tid: number; wchan: string; syscall: string }[] }
  | { probe: 'app-output'; bytes: number }
  | RuntimeProbeData
  | { probe: 'daemon-log'; counts: Record<string, number>; sample: string }
  | { probe: 'control'; maxWriteMs: number; maxLatenessMs: number }
  | { probe: 'load'; maxLatenessMs: number; inFlight: number; notSent: number; eventLoopMaxMs: number }
  | { probe: 'sink'; busyRatio: number; entries: number }
  | ({ probe: 'planted' } & PlantedFacts)
  | ({ probe: 'admissions' } & AdmissionsData);

/** What the agent's own log and its dead letters admit, where its file says how to read them; read once, after its end. */
export interface AdmissionsData {
  logLines?: number;
  deadLetterLines?: number;
  /** There was more than is read. */
  isCut: boolean;
}

/** A command to the container runtime, and how long it took. */
export interface RuntimeProbeData {
  probe: 'runtime';
  /** `ps`, `inspect`, `logs`, `start` (behind the same driver), `start-other` (behind another), `stop-idle` (of one
   * that printed nothing), `stop`, `kill`, `rm` (of one with lines on their way). */
  command: string;
  tookMs: number;
  /** false: it had not come back when it was given up. */
  answered: boolean;
  /** `holding`: a fault acted; `after`: none any more; `tear-down`. */
  when: 'holding' | 'after' | 'tear-down';
  /** What it failed with, where it did. */
  error?: string;
  /** The container was only let go of because a listener that discards took the agent's place. */
  rescued?: true;
}

/** What one logger of the driver is doing. */
export interface DriverLoggerState {
  /** App name, or `@agent` for the agent's own output. */
  app: string;
  state: 'idle' | 'sending' | 'reconnecting' | 'closed';
  /** How long the current write(2) to the agent's socket has been open, ms. */
  blockedMs: number;
  /** Bytes held in the daemon's byte pipe, FIFO, copier buffers. */
  heldBytes: number;
  /** Messages in ring or queue. */
  queuedMessages: number;
  /** true: the byte pipe refuses more, so the app's stdout is not read any more. */
  pipeFull: boolean;
  /** Raw bytes read from the app's stdout so far. */
  readBytes: number;
  sentMessages: number;
  droppedMessages: number;
}
