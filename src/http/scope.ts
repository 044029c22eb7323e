/**
 * The services of one request. `platform.ts` makes a scope for each request and ends it after the response; a handler
 * gets at it through Hono's context. Nothing in a scope may be kept by another request.
 */
import type { Cache, CacheOutcome, CacheStatistics, Commit, LoadContext } from '../cache/index.ts';
import type { Database, PrismaClient } from '../db/index.ts';
import type { Environment } from '../env.ts';
import type { Log } from '../log.ts';
import type { RedisClient, RedisMeter, Sealer } from '../redis/index.ts';
import type { System } from '../system.ts';

/** What loaders are handed: the tenant, and the database when they need it. */
export interface DataContext extends LoadContext {
  /** The Prisma client, made on first use. */
  db(): Promise<PrismaClient>;
}

/** The services of one tenant in one scope. */
export interface TenantScope extends DataContext {
  readonly cache: Cache<DataContext>;
  /** Writes; see `db/commit.ts`. */
  readonly commit: Commit;
}

/** The services of one request, before anybody is known to be allowed anything. */
export interface Scope {
  readonly requestId: string;
  readonly environment: Environment;
  readonly log: Log;
  readonly system: System;
  readonly redis: RedisClient;
  readonly redisMeter: RedisMeter;
  readonly database: Database;
  /** Seals what must not be readable where it is kept; `null` without SEAL_KEYS. */
  readonly sealer: Sealer | null;
  /** The way to other services. */
  readonly fetch: typeof fetch;
  /** What the cache did in this isolate. */
  readonly statistics: CacheStatistics;
  /** What the route's reads found; for `X-Cache`. */
  readonly reads: { outcome: CacheOutcome; query: string }[];
  /** Keeps work going after the response. */
  after(work: Promise<unknown>): void;
  /** The services of a tenant. Trust it only with a tenant from verified credentials. */
  tenant(id: string): TenantScope;
  /** Waits for what was handed to {@link after} and gives back what the scope holds. */
  end(): Promise<void>;
}

/** What Hono's context carries in this app. */
export interface AppEnv {
  Variables: {
    scope: Scope;
    /** Set by `gate()` once the caller was let in. */
    tenant: TenantScope;
  };
}
