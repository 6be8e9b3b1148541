// One push from its first header to its answer:
//
//   read body ─► rule? ─► reset, silence, or an answer of its own ─┐
//                  └────► upstream ─► answer streamed back ────────┴─► scan, event, records: exactly once

import type { ClientRequest, IncomingMessage, ServerResponse } from 'node:http';
import { nowNs, sleep } from '../../core/real-clock.ts';
import type { LineWrapper } from '../../model/agent.ts';
import type { LineIdScanner } from '../../model/line-id.ts';
import type { SinkRule } from '../../model/parts.ts';
import { createFaultAnswer } from './fault-answer.ts';
import type { RecorderHop } from './part.ts';
import type { PushEnd, PushLog } from './push-log.ts';
import { readBody } from './read-body.ts';
import { type PushScan, scanPush } from './scan.ts';
import { passedHeaders, type Upstream } from './upstream.ts';

/** What an exchange needs of its hop. */
export interface ExchangeContext {
  hop: RecorderHop['name'];
  scanner: LineIdScanner;
  upstream: Upstream;
  log: PushLog;
  wrapper(): LineWrapper;
  /** The fault that closed the hop, while it is closed. */
  closedBy(): string | undefined;
}

/** A push under way. */
export interface Exchange {
  /** Resolves when it was written down. */
  readonly settled: Promise<void>;
  /** Writes it down as not answered, if it is still open. */
  giveUp(): void;
}

const REFUSAL_CHARS_MAX = 300;
const REFUSAL_BYTES_MAX = 4_096;

/** Takes a push with number `push` at its hop, under `rule`. */
export function createExchange(
  context: ExchangeContext,
  {
    request,
    response,
    rule,
    push,
  }: { request: IncomingMessage; response: ServerResponse; rule: SinkRule | null; push: number },
): Exchange {
  const startedNs = nowNs();
  const path = request.url ?? '/';
  let body: Buffer = Buffer.alloc(0);
  let scan: PushScan | null = null;
  let upstream: ClientRequest | null = null;
  let isSettled = false;
  let resolveSettled = (): void => undefined;
  const settled = new Promise<void>((resolve) => {
    resolveSettled = resolve;
  });

  const scanned = (): PushScan => {
    scan ??= scanPush(context.scanner, { body, path, ...describeBody(request), wrapper: context.wrapper() });
    return scan;
  };
  const settle = (status: number, extra: Pick<PushEnd, 'refusal' | 'retryAfter'> = {}): void => {
    if (isSettled) return;
    isSettled = true;
    const answeredNs = nowNs();
    const fault = rule?.fault ?? (status === 0 ? context.closedBy() : undefined);
    const end: PushEnd = { hop: context.hop, push, path, status, startedNs, answeredNs, ...extra };
    context.log.write(fault === undefined ? end : { ...end, fault }, scanned());
    resolveSettled();
  };
  // `close` comes after every answer too; only before one does it mean that the sender gave up.
  response.on('close', () => {
    if (response.writableFinished) return;
    upstream?.destroy();
    settle(0);
  });

  const run = async (): Promise<void> => {
    const read = await readBody(request, rule);
    body = read.body;
    if (read.end === 'gone') return settle(0);
    if (read.end === 'cut') {
      request.socket.resetAndDestroy();
      return settle(0);
    }
    if (read.end === 'too-long') {
      response.writeHead(413, { connection: 'close' }).end('request body too large\n');
      return settle(413);
    }
    if (rule?.silent) return;
    if (rule?.status !== undefined) return answerByRule(rule);
    upstream = forward(context.upstream, { request, response, body, delayMs: rule?.delayMs ?? 0 }, settle);
    // While the upstream works: our own look at the body costs no latency.
    setImmediate(scanned);
  };
  const answerByRule = async (chosen: SinkRule): Promise<void> => {
    const answer = createFaultAnswer(chosen, scanned(), path);
    if (chosen.delayMs) await sleep(chosen.delayMs);
    if (response.destroyed) return;
    response.writeHead(answer.status, { ...answer.headers, 'content-length': Buffer.byteLength(answer.body) });
    response.end(answer.body);
    const retryAfter = answer.headers['retry-after'];
    settle(answer.status, { ...describeRefusal(answer.status, answer.body), ...(retryAfter ? { retryAfter } : {}) });
  };

  run().catch(() => {
    response.destroy();
    settle(0);
  });
  return { settled, giveUp: () => settle(0) };
}

/** Sends the push on; streams the answer back and tells how it ended. */
function forward(
  upstream: Upstream,
  {
    request,
    response,
    body,
    delayMs,
  }: { request: IncomingMessage; response: ServerResponse; body: Buffer; delayMs: number },
  settle: (status: number, extra?: Pick<PushEnd, 'refusal' | 'retryAfter'>) => void,
): ClientRequest {
  const outgoing = upstream.request(request);
  const breakOff = (): void => {
    response.destroy();
    settle(0);
  };
  outgoing.on('error', breakOff);
  outgoing.on('response', async (answer) => {
    const status = answer.statusCode ?? 0;
    const kept: Buffer[] = [];
    let keptBytes = 0;
    if (delayMs > 0) await sleep(delayMs);
    if (response.destroyed) return;
    response.sendDate = false;
    response.writeHead(status, answer.statusMessage ?? '', passedHeaders(answer.rawHeaders));
    answer.on('data', (chunk: Buffer) => {
      if (keptBytes < REFUSAL_BYTES_MAX) kept.push(chunk);
      keptBytes += chunk.length;
    });
    answer.on('error', breakOff);
    answer.on('end', () => {
      const retryAfter = answer.headers['retry-after'];
      settle(status, {
        ...describeRefusal(status, Buffer.concat(kept).toString('utf8')),
        ...(retryAfter ? { retryAfter } : {}),
      });
    });
    answer.pipe(response);
  });
  outgoing.end(body);
  return outgoing;
}

function describeRefusal(status: number, text: string): { refusal?: string } {
  return status >= 300 || status === 260 ? { refusal: text.trim().slice(0, REFUSAL_CHARS_MAX) } : {};
}

function describeBody({ headers }: IncomingMessage): { contentType: string; contentEncoding: string } {
  return { contentType: headers['content-type'] ?? '', contentEncoding: headers['content-encoding'] ?? '' };
}
