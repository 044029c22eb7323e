/** The services of one tenant in one scope: cache, writes, sessions and tokens. */
import { type Commit, createCache, createInvalidator } from '../platform/cache/index.ts';
import type { TransactionClient } from '../platform/db/index.ts';
import { tellConnections } from '../platform/feeds/index.ts';
import { type DataContext, type Scope, summaryOfError, type TenantScope } from '../platform/http/index.ts';
import { tellProcesses } from '../platform/memory-channel.ts';
import { addToOutbox, commit } from '../platform/outbox/index.ts';
import type { RedisKey } from '../platform/redis/index.ts';
import {
  type ClientTokens,
  createClientTokens,
  createSessions,
  REPEAT_AFTER_MS,
  REVOCATION,
  type Revocation,
  roleLimits,
  type Sessions,
} from '../platform/sessions/index.ts';
import type { Isolate } from './isolate.ts';

/** Creates the services of a tenant. Pass only a tenant from verified credentials. */
export function createTenantScope(isolate: Isolate, scope: Scope, id: string): TenantScope {
  const { environment, statistics, memory, sealer, authKeys } = isolate;
  const { redis, system, log, after } = scope;
  const tell = environment.CACHE_MEMORY_CHANNEL === 'on' ? tellProcesses(scope) : undefined;
  const context: DataContext = { tenant: id, now: () => system.now(), db: () => scope.database.client(), sealer };

  const write: Commit<TransactionClient> = async (run, options) => {
    const changed = new Set<RedisKey>();
    try {
      return await commit(
        {
          tenant: id,
          actorId: tenant.actorId,
          apiKeyId: tenant.apiKeyId,
          requestId: scope.requestId,
          traceparent: scope.trace?.traceparent,
          call: tenant.call,
          precondition: tenant.precondition,
          store: scope.store,
          invalidator: createInvalidator(redis, system, changed, tell),
          system,
          log,
          after,
          whenDown: environment.WRITES_WHEN_REDIS_IS_DOWN,
          sealer,
          handlers: scope.outboxHandlers,
        },
        run,
        options,
      );
    } finally {
      cache.changed([...changed]);
    }
  };

  const cache = createCache({
    context,
    redis,
    system,
    statistics,
    memory,
    sealer,
    commit: write,
    after,
    summaryOf: summaryOfError,
    largestEntry: environment.CACHE_LARGEST_ENTRY,
    ...(tell && { tell }),
    onRead: (outcome, query) => scope.reads.push({ outcome, query }),
  });

  const onRevoked = (payload: Revocation) => {
    const entry = { tenant: id, kind: REVOCATION, payload, dueAt: system.now() + REPEAT_AFTER_MS };
    after(() =>
      Promise.all([
        addToOutbox({ store: scope.store, system }, entry).catch((error: unknown) =>
          log.warn('session.revocation_not_stored', { error }),
        ),
        // Without this message, open connections notice the end of their session only at their next check.
        tellConnections(redis, id, payload).catch((error: unknown) => log.warn('feeds.end_not_told', { error })),
      ]),
    );
  };
  const limitsOfRole = (role: string) => roleLimits.get(role);
  const identity = { tenant: id, redis, system, keys: authKeys, limitsOfRole, sealer, onRevoked };
  let sessions: Sessions | undefined;
  let tokens: ClientTokens | undefined;

  const tenant: TenantScope = {
    ...context,
    actorId: null,
    apiKeyId: null,
    call: null,
    precondition: null,
    cache,
    commit: write,
    get sessions() {
      sessions ??= createSessions({
        ...identity,
        after,
        onRefused: (reason, { sid }) => log.warn('session.refused', { tenant: id, reason, sid: sid.slice(0, 8) }),
      });
      return sessions;
    },
    get tokens() {
      tokens ??= createClientTokens({ ...identity, issuer: environment.APP_URL });
      return tokens;
    },
  };
  return tenant;
}
