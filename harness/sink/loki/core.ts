// The embedded Loki without sockets or timers: a request and the wall clock in, an answer out. Whatever comes in,
// something goes out: a status and a text, as Loki would give them.
//
//   POST /loki/api/v1/push, /api/prom/push, /otlp/v1/logs ──► push.ts ──► streams.ts ◄── query.ts ◄── GET /loki/api/v1/…

import type { SinkLimits } from '../../model/scenario.ts';
import { INTERNAL_LIMITS, type InternalLimits } from './internal-limits.ts';
import type { JsonShape } from './push-json.ts';
import type { QueryApi, QueryRequest } from './query.ts';
import { Refusal } from './refusal.ts';
import { renderSuccess } from './render.ts';
import { createTenants, type Tenant } from './tenants.ts';
import { LOKI_TRAITS, type LokiVersion } from './version.ts';

/** A request as it came over the wire; `path` with its query string, header names in lower case. */
export interface LokiRequest {
  method: string;
  path: string;
  headers: Readonly<Record<string, string | string[] | undefined>>;
  body: Buffer;
  /** Wall clock, Unix ns. */
  nowNs: bigint;
}

/** The answer. */
export interface LokiResponse {
  status: number;
  headers: Record<string, string>;
  body: string;
  /** Sent in place of `body` where the answer is no text. */
  bytes?: Buffer;
}

/** An embedded Loki. */
export interface LokiCore {
  /** Answers a request. Never throws. */
  handle(request: LokiRequest): LokiResponse;
  readonly entryCount: number;
}

/** What a Loki is made of; `internal` changes limits that no scenario sets. */
export interface LokiCoreOptions {
  version: LokiVersion;
  limits: SinkLimits;
  internal?: Partial<InternalLimits>;
}

/** An empty Loki of a version, with limits. */
export function createLokiCore({ version, limits, internal }: LokiCoreOptions): LokiCore {
  const traits = LOKI_TRAITS[version];
  const tenants = createTenants({ limits, internal: { ...INTERNAL_LIMITS, ...internal }, traits });
  const tenantOf = ({ headers }: LokiRequest): Tenant => tenants.of(header(headers, 'x-scope-orgid'));

  const receive = (request: LokiRequest, shape: JsonShape | 'otlp'): LokiResponse => {
    const { headers, body } = request;
    const contentEncoding = header(headers, 'content-encoding');
    tenantOf(request).push(
      { contentType: header(headers, 'content-type'), contentEncoding, shape, body },
      request.nowNs,
    );
    return { status: 204, headers: {}, body: '' };
  };

  const route = (request: LokiRequest): LokiResponse => {
    const [path = '', search = ''] = splitOnce(request.path, '?');
    if (path === '/loki/api/v1/push') return requirePost(request) ?? receive(request, 'v1');
    if (path === '/api/prom/push') return requirePost(request) ?? receive(request, 'legacy');
    if (path === OTLP_PATH && traits.modernHttp) return requirePost(request) ?? receive(request, 'otlp');
    if (path === '/ready') return text(200, 'ready\n');
    if (path === '/metrics') return text(200, tenants.formatMetrics());
    if (path === '/loki/api/v1/status/buildinfo') return json(renderBuildInfo(traits.buildVersion));
    if (path === '/flush') {
      tenantOf(request).store.flush();
      return { status: 204, headers: {}, body: '' };
    }
    const answer = answerQuery(tenantOf(request).queries, path, readQueryRequest(request, search));
    return answer === null ? text(404, '404 page not found\n') : json(answer);
  };

  return {
    handle(request) {
      try {
        return route(request);
      } catch (error) {
        const status = error instanceof Refusal ? error.status : 500;
        const message = error instanceof Error ? error.message : String(error);
        return request.path.startsWith(OTLP_PATH) ? otlpError(status, message) : text(status, `${message}\n`);
      }
    },
    get entryCount() {
      return tenants.entryCount;
    },
  };
}

const OTLP_PATH = '/otlp/v1/logs';

/** OTLP clients retry a 503 and never a 500; the body is a google.rpc.Status with its message in field 2. */
function otlpError(status: number, message: string): LokiResponse {
  const headers = { 'content-type': 'application/octet-stream', 'x-content-type-options': 'nosniff' };
  const words = Buffer.from(message);
  const length: number[] = [];
  for (let rest = words.length; ; rest >>>= 7) {
    length.push(rest < 128 ? rest : (rest & 0x7f) | 0x80);
    if (rest < 128) break;
  }
  return {
    status: status === 500 ? 503 : status,
    headers,
    body: message,
    bytes: Buffer.concat([Buffer.of(0x12, ...length), words]),
  };
}

const LABEL_VALUES = /^\/(?:loki\/api\/v1|api\/prom)\/label\/([^/]+)\/values$/;

/** JSON text of a query's answer, null for a path that is none. */
function answerQuery(queries: QueryApi, path: string, request: QueryRequest): string | null {
  if (path === '/loki/api/v1/query_range') return queries.range(request);
  if (path === '/loki/api/v1/query') return queries.instant(request);
  if (path === '/loki/api/v1/series') return queries.series(request);
  if (path === '/loki/api/v1/index/stats') return queries.stats(request);
  if (path === '/loki/api/v1/labels' || path === '/loki/api/v1/label') {
    return renderSuccess(JSON.stringify(queries.labelNames(request)));
  }
  if (path === '/api/prom/query') return queries.legacy(request);
  if (path === '/api/prom/label') return JSON.stringify({ values: queries.labelNames(request) });
  const name = LABEL_VALUES.exec(path)?.[1];
  if (name === undefined) return null;
  const values = queries.labelValues(request, name);
  return path.startsWith('/api/prom/') ? JSON.stringify({ values }) : renderSuccess(JSON.stringify(values));
}

/** Parameters come in the query string, or as a form in a POST. */
function readQueryRequest({ method, headers, body, nowNs }: LokiRequest, search: string): QueryRequest {
  const params = new URLSearchParams(search);
  const isForm = header(headers, 'content-type')?.startsWith('application/x-www-form-urlencoded') ?? false;
  if (method === 'POST' && isForm && body.length < FORM_MAX_BYTES) {
    for (const [name, value] of new URLSearchParams(body.toString('utf8'))) params.append(name, value);
  }
  const categorized = header(headers, 'x-loki-response-encoding-flags')?.includes('categorize-labels') ?? false;
  return { params, categorized, nowNs };
}

const FORM_MAX_BYTES = 10_485_760;

function requirePost({ method }: LokiRequest): LokiResponse | null {
  return method === 'POST' ? null : text(405, '');
}

function renderBuildInfo(version: string): string {
  return JSON.stringify({ version, revision: 'embedded', branch: '', buildUser: '', buildDate: '', goVersion: '' });
}

function header(headers: LokiRequest['headers'], name: string): string | undefined {
  const value = headers[name];
  return Array.isArray(value) ? value[0] : value;
}

function splitOnce(value: string, sign: string): [string, string] {
  const at = value.indexOf(sign);
  return at === -1 ? [value, ''] : [value.slice(0, at), value.slice(at + 1)];
}

function text(status: number, body: string): LokiResponse {
  return {
    status,
    headers: { 'content-type': 'text/plain; charset=utf-8', 'x-content-type-options': 'nosniff' },
    body,
  };
}

function json(body: string): LokiResponse {
  return { status: 200, headers: { 'content-type': 'application/json; charset=UTF-8' }, body };
}
