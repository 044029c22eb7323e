/**
 * The services of one request. `app/scope.ts` makes a scope for each request and ends it after the response; a handler
 * gets at it through Hono's context. Nothing in a scope may be kept by another request.
 */
import type { Cache, CacheOutcome, CacheStatistics, Commit } from '../cache/index.ts';
import type { AddressDigest, OneTimeCodes } from '../codes/index.ts';
import type { Database, QueryMeter, TransactionClient } from '../db/index.ts';
import type { Limiter, Rule } from '../limits/index.ts';
import type { Log } from '../log.ts';
import type { Mailer } from '../mail/index.ts';
import type { Circuit, CircuitOptions } from '../outbound/index.ts';
import type { IdempotentCall } from '../outbox/index.ts';
import type { EvictionMemory, RedisClient, RedisMeter, Sealer } from '../redis/index.ts';
import type { ClientTokens, Session, Sessions } from '../sessions/index.ts';
import type { SqlStore } from '../sql/index.ts';
import type { System } from '../system.ts';
import type { ApiKeyRecords } from './api-key.ts';
import type { DataContext } from './data-context.ts';
import type { Settings } from './settings.ts';

/** The services of one tenant in one scope. */
export interface TenantScope extends DataContext {
  readonly cache: Cache<DataContext, TransactionClient>;
  /** The acting user, as the gate has verified; `null` for machines, which act for no user. */
  actorId: string | null;
  /** The request, if its caller may send it again; every write is part of it. Set by `idempotent()`. */
  call: IdempotentCall | null;
  /** Writes; see `outbox/commit.ts`. */
  readonly commit: Commit<TransactionClient>;
  readonly sessions: Sessions;
  readonly tokens: ClientTokens;
}

/** The services of one request, before its caller is verified. */
export interface Scope {
  readonly requestId: string;
  readonly environment: Settings;
  readonly log: Log;
  readonly system: System;
  readonly redis: RedisClient;
  readonly redisMeter: RedisMeter;
  /** This isolate's knowledge of whether Redis evicts. */
  readonly evictionMemory: EvictionMemory;
  readonly limiter: Limiter;
  /** The rules that count every request behind a gate. */
  readonly apiRules: readonly Rule[];
  /** Finds the records of API keys. */
  readonly apiKeyRecords: ApiKeyRecords;
  readonly codes: OneTimeCodes;
  /** Names an e-mail address in a key of Redis. */
  readonly addressDigest: AddressDigest;
  readonly mailer: Mailer;
  /** The breaker of a third party, shared by all isolates. */
  circuit(options: CircuitOptions): Circuit;
  /** The statements of this scope so far. */
  readonly queryMeter: Readonly<QueryMeter>;
  /** Opened on first use. */
  readonly database: Database;
  /** The same database, for the rooms of the platform. */
  readonly store: SqlStore<TransactionClient>;
  /** Seals values that must not be readable where they are stored; `null` without SEAL_KEYS. */
  readonly sealer: Sealer | null;
  /** Seals codes that wait to be mailed, and stored answers; see `sessions/auth-sealer.ts`. It always exists. */
  readonly authSealer: Sealer;
  /** Sends requests to other services. */
  readonly fetch: typeof fetch;
  /** Sends requests to URLs that users choose; it reaches no private network outside local mode. */
  readonly publicFetch: typeof fetch;
  /** The counters of the cache in this isolate. */
  readonly statistics: CacheStatistics;
  /** The outcomes of the route's reads; for `X-Cache`. */
  readonly reads: { outcome: CacheOutcome; query: string }[];
  /** Keeps work going after the response; a function is called only then. */
  after(work: Promise<unknown> | (() => Promise<unknown>)): void;
  /** Ids of tenants in ascending order, those after an id. 1 query. */
  tenantsAfter(id: string, limit: number): Promise<readonly string[]>;
  /** The services of a tenant. Trust it only with a tenant from verified credentials. */
  tenant(id: string): TenantScope;
  /** Waits for the work passed to {@link after} and releases the scope's resources. */
  end(): Promise<void>;
}

/** The caller: verified, not claimed. */
export interface Caller {
  kind: 'api-key' | 'session' | 'token';
  /** Tells callers of a tenant apart: an API key's id, or a user's. */
  id: string;
  /** The user, unless it is a machine's API key. */
  userId: string | null;
  rights: readonly string[];
  /** The user's role; an API key has none. */
  role: string | null;
  /** The id of the session or token family that authenticates a person, for `sessions.revoke`. */
  entryId: string | null;
  /** The session, if that is how the caller is known. */
  session: Session | null;
}

/** The variables of Hono's context in this app. */
export interface AppEnv {
  Variables: {
    scope: Scope;
    /** The client address as the platform reports it; headers that a caller can write are ignored. */
    clientIp: string | null;
    /** Set by `gate()` once the caller was let in. */
    caller: Caller;
    /** The caller's tenant. Set by `gate()`. */
    tenant: TenantScope;
    /** Resolves when a body that is made while it is sent has ended, and the scope with it. */
    sent?: Promise<void>;
  };
}
