// The fluentd driver of one container: encoder, the ring where asked for, the client of that generation.

import type { Prng } from '../core/prng.ts';
import { createByteClient } from './byte-client.ts';
import type { DriverClock } from './clock.ts';
import { type ContainerInfo, collectExtras, renderTag } from './container-info.ts';
import type { FluentdClient, PeerPort } from './fluentd-client.ts';
import { createOutMessage, type LineMessage, type LogTarget, type MessageMeta, STREAMS } from './log-message.ts';
import { createMessageEncoder } from './message.ts';
import { createMessageClient } from './message-client.ts';
import type { DriverSettings } from './options.ts';
import { createRing, type Ring } from './ring.ts';
import type { Tally } from './tally.ts';

/** What the driver needs. */
export interface FluentdDriverPorts {
  settings: DriverSettings;
  container: ContainerInfo;
  /** The tag where the log-opts have none; may be a template. */
  tag: string;
  clock: DriverClock;
  prng: Prng;
  tally: Tally;
  /** Makes the connection; called again after a restart of the daemon. */
  createPeer(): PeerPort;
}

/** A fluentd driver as its logger sees it. */
export interface FluentdDriver extends LogTarget<LineMessage> {
  readonly client: FluentdClient;
  /** Resolves to null when the container may start, else to Docker's error. */
  start(): Promise<string | null>;
  /** Messages in ring and queue. */
  readonly queued: number;
  /** Messages in the ring. */
  readonly inRing: number;
  visitHeld(visit: (message: MessageMeta, place: number) => void): void;
  /** The daemon ends: drops everything inside as `closed` and hangs up. `start` makes a new client. */
  stopDaemon(): void;
  /** Hangs up and forgets what is inside. */
  abandon(): void;
}

/** A driver that has not started. Throws E_AGENT_DRIVER for a tag template that Docker would refuse. */
export function createFluentdDriver(ports: FluentdDriverPorts, onReturn: (stream: number) => void): FluentdDriver {
  const { settings, container, prng, tally } = ports;
  const encoder = createMessageEncoder({
    tag: renderTag(settings.tag ?? ports.tag, container, settings),
    containerId: container.id,
    containerName: container.name,
    extras: collectExtras(container, settings.extras),
    generation: settings.generation,
    subSecond: settings.subSecond,
    requestAck: settings.requestAck,
    prng: prng.fork('message'),
  });
  const outs = STREAMS.map((_, stream) => createOutMessage(stream));
  let onStarted: (error: string | null) => void = () => undefined;
  const connect = (): DriverParts => connectParts(ports, { onReturn, onStarted: (error) => onStarted(error) });
  let parts = connect();
  const visitHeld: FluentdDriver['visitHeld'] = (visit) => {
    parts.client.visitHeld(visit);
    parts.ring?.visitHeld(visit);
  };

  return {
    get client() {
      return parts.client;
    },
    start: () =>
      new Promise((resolve) => {
        onStarted = resolve;
        parts.client.start();
      }),
    log(message) {
      const out = outs[message.stream]!;
      encoder.encode(message, out);
      return (parts.ring ?? parts.client).log(out);
    },
    get queued() {
      return parts.client.queued + (parts.ring?.queued ?? 0);
    },
    get inRing() {
      return parts.ring?.queued ?? 0;
    },
    visitHeld,
    abandon: () => parts.client.abandon(),
    stopDaemon() {
      visitHeld((message) => tally.dropped(message, 'closed', ''));
      parts.client.abandon();
      parts = connect();
    },
  };
}

interface DriverParts {
  client: FluentdClient;
  ring: Ring | null;
}

interface DriverEvents {
  onReturn(stream: number): void;
  onStarted(error: string | null): void;
}

function connectParts(ports: FluentdDriverPorts, { onReturn, onStarted }: DriverEvents): DriverParts {
  const { settings, clock, tally } = ports;
  const peer = ports.createPeer();
  const create = settings.generation.bufferUnit === 'bytes' ? createByteClient : createMessageClient;
  let ring: Ring | null = null;
  const client = create({
    ...{ settings, clock, peer, onStarted, onSent: tally.sent, onDropped: tally.dropped },
    onReturn: (stream) => (ring ? ring.returned() : onReturn(stream)),
  });
  peer.tell(client);
  if (settings.ringBytes !== null) {
    const onDropped = (message: MessageMeta): void => tally.dropped(message, 'ring-full', '');
    ring = createRing({ maxBytes: settings.ringBytes, driver: client, onDropped });
  }
  return { client, ring };
}
