// Takes a push's body off its connection: whole, at a rule's rate, or only so far as a rule lets it come. Slow means
// that the socket is not read: the sender feels it as back-pressure, as from a slow sink.

import type { IncomingMessage } from 'node:http';
import { nowNs, sleep } from '../../core/real-clock.ts';
import type { SinkRule } from '../../model/parts.ts';
import { BODY_MAX_BYTES } from './decode.ts';

/** How the reading ended. */
export interface ReadBody {
  body: Buffer;
  /** whole; cut: the rule's byte count was reached; gone: the sender went away; too-long: more than we take. */
  end: 'whole' | 'cut' | 'gone' | 'too-long';
}

/** Reads the body of `request` under `rule`. Never rejects. */
export async function readBody(request: IncomingMessage, rule: SinkRule | null): Promise<ReadBody> {
  const chunks: Buffer[] = [];
  let size = 0;
  const startedNs = nowNs();
  const finish = (end: ReadBody['end']): ReadBody => ({
    body: chunks.length === 1 ? chunks[0]! : Buffer.concat(chunks),
    end,
  });
  const cutAt = rule?.resetAfterBytes ?? Number.POSITIVE_INFINITY;
  if (cutAt === 0) return finish('cut');
  try {
    // The iterator pauses the socket while we sleep, and must not destroy it when we stop early.
    for await (const chunk of request.iterator({ destroyOnReturn: false }) as AsyncIterable<Buffer>) {
      size += chunk.length;
      if (size > BODY_MAX_BYTES) return finish('too-long');
      chunks.push(chunk);
      if (size >= cutAt) return finish('cut');
      if (rule?.bytesPerSecond) await pace({ startedNs, size, bytesPerSecond: rule.bytesPerSecond });
    }
  } catch {
    return finish('gone');
  }
  if (cutAt !== Number.POSITIVE_INFINITY) return finish('cut');
  return finish(request.complete ? 'whole' : 'gone');
}

async function pace(spent: { startedNs: number; size: number; bytesPerSecond: number }): Promise<void> {
  const dueMs = (spent.size / spent.bytesPerSecond) * 1_000 - (nowNs() - spent.startedNs) / 1e6;
  if (dueMs > 0) await sleep(dueMs);
}
