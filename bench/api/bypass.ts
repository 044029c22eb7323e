/**
 * Removes the cache from the app: every read of a query calls its loader, without a Redis request. The framework,
 * validation, authentication and the database remain, so only the cache makes a difference.
 */
import type { Cache } from '../../src/platform/cache/index.ts';
import type { TransactionClient } from '../../src/platform/db/index.ts';
import type { DataContext, Scope, ScopeSource, TenantScope } from '../../src/platform/http/index.ts';

/** Returns a source of scopes whose caches never hit. */
export function withoutCache(platform: ScopeSource): ScopeSource {
  return {
    scope(requestId) {
      const scope = platform.scope(requestId);
      return { ...scope, tenant: (id) => bypassed(scope, scope.tenant(id)) };
    },
  };
}

function bypassed(scope: Scope, tenant: TenantScope): TenantScope {
  const { db, sealer } = tenant;
  const context: DataContext = { tenant: tenant.tenant, db, sealer, now: () => scope.system.now() };
  const read: Cache<DataContext, TransactionClient>['read'] = async (query, args) => {
    const [value] = await query.load([args], context);
    scope.reads.push({ outcome: 'BYPASS', query: query.name });
    return value as never;
  };
  const cache: Cache<DataContext, TransactionClient> = {
    ...tenant.cache,
    read,
    readJson: async (query, args) => JSON.stringify(await read(query, args)),
    readMany: async (query, args) => [...(await query.load(args, context))],
    prefetch: () => {},
  };
  return { ...tenant, cache };
}
