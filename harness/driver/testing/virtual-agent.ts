// An agent and its socket in virtual time: listens or not, reads or not, and its socket holds so many bytes.
// Everything happens in `advance`, so a test decides what comes before what.

import { decodeMulti, ExtensionCodec } from '@msgpack/msgpack';
import type { DriverClock } from '../clock.ts';
import type { PeerEvents, PeerPort } from '../fluentd-client.ts';

/** Time that moves when told to. */
export interface VirtualTime extends DriverClock {
  /** Runs what falls due within `ms`, then stands `ms` later. */
  advance(ms: number): void;
  /** Calls `run` after `ms`; returns a function that takes it back. */
  after(ms: number, run: () => void): () => void;
}

/** Time that stands at 0 ns and Unix time `wallMs`. */
export function createVirtualTime(wallMs = 1_557_683_843_000): VirtualTime {
  let nowMs = 0;
  let order = 0;
  let jobs: { atMs: number; order: number; run: () => void }[] = [];
  return {
    nowNs: () => nowMs * 1e6,
    wallMs: () => wallMs + nowMs,
    after(ms, run) {
      const job = { atMs: nowMs + ms, order: order++, run };
      jobs.push(job);
      return () => {
        jobs = jobs.filter((other) => other !== job);
      };
    },
    advance(ms) {
      const untilMs = nowMs + ms;
      for (;;) {
        const [next] = jobs.toSorted((a, b) => a.atMs - b.atMs || a.order - b.order);
        if (!next || next.atMs > untilMs) break;
        jobs = jobs.filter((job) => job !== next);
        nowMs = Math.max(nowMs, next.atMs);
        next.run();
      }
      nowMs = untilMs;
    },
  };
}

/** A message as the agent decodes it. */
export type Decoded = [tag: string, time: unknown, record: Record<string, string>, option: unknown];

/** An agent under the test's control. */
export interface VirtualAgent {
  createPeer(): PeerPort;
  /** Whether it accepts connections. */
  listening: boolean;
  /** Number of dials so far, and when they were, ms. */
  readonly dials: number[];
  /** What every single write(2) brought. */
  readonly writes: Buffer[];
  /** Messages that the agent has read. */
  messages(): Decoded[];
  /** Stops reading: the socket fills. */
  freeze(): void;
  thaw(): void;
  /** Connections break, what the sockets hold is lost, nothing listens. */
  die(): void;
  /** Sends bytes to every connected driver. */
  answer(bytes: Buffer): void;
}

/** An agent that listens and reads. `socketBytes`: what a socket holds while it does not read. */
export function createVirtualAgent(time: VirtualTime, socketBytes = 38_243): VirtualAgent {
  const read: Buffer[] = [];
  const peers = new Set<{ events: PeerEvents; queued: Buffer[]; pending: Buffer | null; up: boolean }>();
  const orphaned: Buffer[] = [];
  let frozen = false;
  const agent: VirtualAgent = {
    listening: true,
    dials: [],
    writes: [],
    createPeer() {
      let cancel: () => void = () => undefined;
      const peer = {
        events: null as unknown as PeerEvents,
        queued: [] as Buffer[],
        pending: null as Buffer | null,
        up: false,
      };
      peers.add(peer);
      const size = (): number => peer.queued.reduce((sum, bytes) => sum + bytes.length, 0);
      return {
        tell(events) {
          peer.events = events;
        },
        dial() {
          agent.dials.push(time.nowNs() / 1e6);
          cancel = time.after(0, () => {
            peer.up = agent.listening;
            if (agent.listening) peer.events.connected();
            else peer.events.dialFailed('dial unix /x.sock: connect: no such file or directory');
          });
        },
        write(bytes) {
          if (!peer.up) return { error: 'write: broken pipe' };
          agent.writes.push(Buffer.from(bytes));
          if (!frozen) read.push(Buffer.from(bytes));
          else if (size() + bytes.length <= socketBytes) peer.queued.push(Buffer.from(bytes));
          else {
            peer.pending = bytes;
            return 'pending';
          }
          return 'taken';
        },
        hangUp() {
          cancel();
          peer.up = false;
          peer.pending = null;
          // What the old connection holds is still there to be read; a new one has a buffer of its own.
          (frozen ? orphaned : read).push(...peer.queued.splice(0));
        },
        wakeAfter(delayMs) {
          cancel();
          cancel = time.after(delayMs, () => peer.events.woke());
        },
      };
    },
    messages: () => decodeMessages(Buffer.concat(read)),
    freeze() {
      frozen = true;
    },
    thaw() {
      frozen = false;
      read.push(...orphaned.splice(0));
      for (const peer of peers) {
        read.push(...peer.queued.splice(0));
        const { pending } = peer;
        if (!pending) continue;
        read.push(Buffer.from(pending));
        peer.pending = null;
        peer.events.written();
      }
    },
    die() {
      agent.listening = false;
      frozen = false;
      orphaned.length = 0;
      for (const peer of peers) {
        const wasUp = peer.up;
        peer.up = false;
        peer.queued = [];
        peer.pending = null;
        // Told to all; one that neither writes nor awaits an answer does not notice.
        if (wasUp) peer.events.broken('EOF');
      }
    },
    answer(bytes) {
      for (const peer of peers) if (peer.up) peer.events.received(bytes);
    },
  };
  return agent;
}

/** Messages in their wire form, decoded; lines are taken as latin1 so that any byte survives. */
export function decodeMessages(bytes: Buffer): Decoded[] {
  const extensionCodec = new ExtensionCodec();
  extensionCodec.register({ type: 0, encode: () => null, decode: (data) => Buffer.from(data).toString('hex') });
  const text = (value: unknown): unknown => {
    if (value instanceof Uint8Array) return Buffer.from(value).toString('latin1');
    if (Array.isArray(value)) return value.map(text);
    if (value === null || typeof value !== 'object') return value;
    return Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, text(inner)]));
  };
  const options = { extensionCodec, rawStrings: true, mapKeyConverter: (key: unknown) => String(text(key)) };
  return [...decodeMulti(bytes, options)].map((message) => text(message) as Decoded);
}
