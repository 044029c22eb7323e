/**
 * The services of one request. `app/scope.ts` makes a scope for each request and ends it after the response; a handler
 * gets at it through Hono's context. Nothing in a scope may be kept by another request.
 */
import type { Cache, CacheStatistics, Commit } from '../cache/index.ts';
import type { CodeScope } from '../codes/index.ts';
import type { Database, TransactionClient } from '../db/index.ts';
import type { Log } from '../log.ts';
import type { MailScope } from '../mail/index.ts';
import type { OutboundScope } from '../outbound/index.ts';
import type { IdempotentCall } from '../outbox/index.ts';
import type { EvictionMemory, RedisClient } from '../redis/index.ts';
import type { ClientTokens, SealScope, Session, Sessions } from '../sessions/index.ts';
import type { SqlStore } from '../sql/index.ts';
import type { System } from '../system.ts';
import type { DataContext } from './data-context.ts';
import type { CostScope, GateScope } from './scope-parts.ts';
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

/**
 * The services of one request, before its caller is verified. Each room declares the services that it needs; a function
 * takes those types, or the few members that it uses.
 */
export interface Scope extends GateScope, CostScope, CodeScope, MailScope, OutboundScope, SealScope {
  readonly requestId: string;
  readonly environment: Settings;
  readonly log: Log;
  readonly system: System;
  readonly redis: RedisClient;
  /** Opened on first use. */
  readonly database: Database;
  /** This isolate's knowledge of whether Redis evicts. */
  readonly evictionMemory: EvictionMemory;
  /** The counters of the cache in this isolate. */
  readonly statistics: CacheStatistics;
  /** The same database, for the rooms of the platform. */
  readonly store: SqlStore<TransactionClient>;
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
