// The connection of the message client: down, being dialled, waiting before the next dial, or up. How long a dial
// waits follows the library's backoff; how many there are is bounded by `fluentd-max-retries`.

import { backoffMs } from './backoff.ts';
import type { ClientPorts } from './fluentd-client.ts';

const NS_PER_MS = 1e6;

/** One connection to the agent, over and over. */
export interface MessageLink {
  readonly state: 'none' | 'dialing' | 'backoff' | 'up';
  /** Dials with all retries ahead. */
  dial(): void;
  /** The wait is over: dials once more. */
  dialAgain(): void;
  /** The dial succeeded. */
  opened(): void;
  /** The dial failed; true: it was the last one. */
  failed(): boolean;
  hangUp(): void;
  /** `fluentd-async-reconnect-interval` has passed since it was opened. */
  readonly isOld: boolean;
}

/** A link that is down. */
export function createMessageLink({ peer, clock, settings }: ClientPorts): MessageLink {
  const { maxRetries, retryWaitMs, reconnectIntervalMs, generation } = settings;
  let state: MessageLink['state'] = 'none';
  let failedDials = 0;
  let openedAtNs = 0;
  const dialOnce = (): void => {
    state = 'dialing';
    peer.dial();
  };
  return {
    get state() {
      return state;
    },
    dial() {
      failedDials = 0;
      dialOnce();
    },
    dialAgain: dialOnce,
    opened() {
      state = 'up';
      openedAtNs = clock.nowNs();
    },
    failed() {
      const waitMs = backoffMs(failedDials++, { retryWaitMs, capMs: generation.backoffCapMs });
      state = failedDials < maxRetries ? 'backoff' : 'none';
      if (state === 'backoff') peer.wakeAfter(waitMs);
      return state === 'none';
    },
    hangUp() {
      peer.hangUp();
      state = 'none';
    },
    get isOld() {
      return reconnectIntervalMs > 0 && clock.nowNs() - openedAtNs >= reconnectIntervalMs * NS_PER_MS;
    },
  };
}
