// The GELF output over TCP: JSON ended by NUL. The protocol has no acks: a batch counts as sent when the kernel has taken
// it, so that what is on the way when the far end dies is lost. Where that matters, use an output that is answered.

import { type PushEntry, parseLabels, readEntries } from '../codec/push-reader.ts';
import { secondsText } from '../codec/time-text.ts';
import type { Output } from '../model.ts';
import type { ClientTls, Ports } from '../ports.ts';
import { readFailure } from './failure.ts';
import { OutputStream } from './stream.ts';

/** Settings of the output, see config/output-others.ts. */
export interface GelfOutputSettings {
  url: string;
  tls?: ClientTls | undefined;
}

/** Creates the output. */
export function createGelfOutput(settings: GelfOutputSettings, ports: Pick<Ports, 'net'>): Output {
  const stream = new OutputStream({ net: ports.net, url: settings.url, tls: settings.tls });
  return {
    async push(sealed, signal) {
      const end = (): void => stream.close();
      signal.addEventListener('abort', end, { once: true });
      try {
        await stream.open(signal);
        await stream.write(Buffer.from([...readEntries(sealed)].map(encode).join('')));
        return { verdict: { kind: 'sent' }, status: 'written' };
      } catch (error) {
        stream.close();
        return readFailure(error, 'not written', signal);
      } finally {
        signal.removeEventListener('abort', end);
      }
    },
  };
}

function encode({ labels, seconds, nanos, line, metadata }: PushEntry): string {
  const { instance = 'unknown', ...rest } = parseLabels(labels);
  const more = Object.fromEntries(Object.entries({ ...metadata, ...rest }).map(([name, value]) => [`_${name}`, value]));
  const text = Buffer.from(line).toString('utf8');
  const timestamp = Number(secondsText({ seconds, nanos }));
  // GELF asks for a short_message that is not empty.
  return `${JSON.stringify({ version: '1.1', host: instance, short_message: text || '-', timestamp, ...more })}\0`;
}
