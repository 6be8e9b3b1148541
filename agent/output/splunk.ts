// The Splunk output: the HTTP event collector, and where asked for the acks of the indexers: a batch then counts as sent
// when they say that it is indexed, not when the collector has taken it.

import { parseLabels, readEntries } from '../codec/push-reader.ts';
import { secondsText } from '../codec/time-text.ts';
import type { Output, PushVerdict } from '../model.ts';
import type { Clock, Ports, PostAnswer } from '../ports.ts';
import { createHttpOutput, type HttpSettings, readStatus, retry } from './http.ts';

/** Settings of the output, see config/output-others.ts. */
export interface SplunkSettings extends HttpSettings {
  token: string;
  index?: string | undefined;
  sourcetype?: string | undefined;
  ack: boolean;
}

const POLL_MS = 1000;

/** Creates the output. */
export function createSplunkOutput(settings: SplunkSettings, ports: Pick<Ports, 'net' | 'clock' | 'random'>): Output {
  const channel = settings.ack ? makeChannel(ports.random.bytes(16)) : undefined;
  const headers = {
    Authorization: `Splunk ${settings.token}`,
    'Content-Type': 'application/json',
    ...(channel === undefined ? {} : { 'X-Splunk-Request-Channel': channel }),
  };
  const read = async (answer: PostAnswer, _sealed: Uint8Array, signal: AbortSignal): Promise<PushVerdict> => {
    const verdict = readStatus(answer);
    if (verdict !== undefined || channel === undefined) return verdict ?? { kind: 'sent' };
    const id = /"ackId"\s*:\s*(\d+)/.exec(answer.body)?.[1];
    if (id === undefined)
      return { kind: 'blocked', code: 'W_SINK_SETTINGS', why: 'no ackId in the answer: the token has no indexer acks' };
    return waitForAck(Number(id), signal);
  };
  const waitForAck = async (id: number, signal: AbortSignal): Promise<PushVerdict> => {
    const url = `${settings.url.replace(/\/+$/, '')}/services/collector/ack?channel=${channel}`;
    const body = Buffer.from(JSON.stringify({ acks: [id] }));
    // Bounded by the timeout of the push.
    while (!signal.aborted) {
      const answer = await ports.net.post({ url, tls: settings.tls, headers, body, signal });
      if (answer.status !== 200)
        return readStatus(answer) ?? retry(`status ${answer.status} to the question for an ack`);
      if (new RegExp(`"${id}"\\s*:\\s*true`).test(answer.body)) return { kind: 'sent' };
      await sleep(ports.clock, POLL_MS);
    }
    return retry('the indexers have not acked in time');
  };
  return createHttpOutput(
    settings,
    { path: '/services/collector/event', headers, encode: (sealed) => encode(sealed, settings), read },
    ports,
  );
}

function encode(sealed: Uint8Array, { index, sourcetype }: SplunkSettings): Uint8Array {
  const events: string[] = [];
  for (const { labels, seconds, nanos, line, metadata } of readEntries(sealed)) {
    const fields = parseLabels(labels);
    events.push(
      JSON.stringify({
        time: secondsText({ seconds, nanos }),
        host: fields.instance,
        source: fields.tag,
        sourcetype,
        index,
        event: Buffer.from(line).toString('utf8'),
        fields: { ...metadata, ...fields },
      }),
    );
  }
  return Buffer.from(events.join('\n'));
}

/** The form of a GUID is asked for, not its rules. */
function makeChannel(bytes: Uint8Array): string {
  return Buffer.from(bytes)
    .toString('hex')
    .replace(/^(.{8})(.{4})(.{4})(.{4})/, '$1-$2-$3-$4-');
}

function sleep(clock: Clock, ms: number): Promise<void> {
  return new Promise((resolve) => void clock.setTimer(resolve, ms));
}
