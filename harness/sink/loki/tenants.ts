// The tenants of one Loki: each with streams, rates and queries of its own. Without `auth_enabled` there is one, named
// `fake`, and the header is ignored.

import type { SinkLimits } from '../../model/scenario.ts';
import type { PushBody } from './decode-body.ts';
import type { InternalLimits } from './internal-limits.ts';
import { createMetrics } from './metrics.ts';
import { createPush } from './push.ts';
import { createQueryApi, type QueryApi } from './query.ts';
import { Refusal } from './refusal.ts';
import { createStreamStore, type StreamStore } from './streams.ts';
import type { LokiTraits } from './version.ts';

/** One tenant. */
export interface Tenant {
  push(body: PushBody, nowNs: bigint): void;
  queries: QueryApi;
  store: StreamStore;
}

/** All tenants. */
export interface Tenants {
  /** The tenant that a request names in `X-Scope-OrgID`. Throws a Refusal (401) where it must and does not. */
  of(header: string | undefined): Tenant;
  readonly entryCount: number;
  formatMetrics(): string;
}

const SINGLE_TENANT = 'fake';

/** No tenant but the one of a Loki without authentication. */
export function createTenants(path: { limits: SinkLimits; internal: InternalLimits; traits: LokiTraits }): Tenants {
  const { internal, traits } = path;
  const book = createMetrics(traits);
  const tenants = new Map<string, Tenant>();
  const open = (name: string): Tenant => {
    const metrics = book.open(name, () => store.streamCount);
    const rules = { ...path, metrics, tenant: name };
    const store: StreamStore = createStreamStore(rules);
    const tenant = {
      push: createPush({ ...rules, store }),
      queries: createQueryApi(store, { traits, internal }),
      store,
    };
    tenants.set(name, tenant);
    return tenant;
  };
  if (!internal.authEnabled) open(SINGLE_TENANT);
  return {
    of(header) {
      if (!internal.authEnabled) return tenants.get(SINGLE_TENANT)!;
      if (!header) throw new Refusal(401, 'no org id');
      return tenants.get(header) ?? open(header);
    },
    get entryCount() {
      return [...tenants.values()].reduce((sum, { store }) => sum + store.entryCount, 0);
    },
    formatMetrics: () => book.format(),
  };
}
