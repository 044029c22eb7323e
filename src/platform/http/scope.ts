/**
 * The services of one request. `app/scope.ts` makes a scope for each request and ends it after the response. A
 * handler gets the scope from Hono's context. No other request may keep any part of a scope.
 */
import type { Cache, CacheStatistics, Commit } from '../cache/index.ts';
import type { CodeScope } from '../codes/index.ts';
import type { Counters } from '../counters/index.ts';
import type { Database, TransactionClient } from '../db/index.ts';
import type { NodeFetch } from '../keep-alive-fetch.ts';
import type { Log } from '../log.ts';
import type { MailScope } from '../mail/index.ts';
import type { OutboundScope } from '../outbound/index.ts';
import type { IdempotentCall, OutboxHandlers, Precondition } from '../outbox/index.ts';
import type { ReadNote } from '../read-log/index.ts';
import type { EvictionMemory, RedisClient, Subscribe } from '../redis/index.ts';
import type { AccessGrant, ClientTokens, SealScope, Session, Sessions } from '../sessions/index.ts';
import type { SqlStore } from '../sql/index.ts';
import type { System } from '../system.ts';
import type { Exporter, Trace } from '../telemetry/index.ts';
import type { DataContext } from './data-context.ts';
import type { CostScope, GateScope } from './scope-parts.ts';
import type { Settings } from './settings.ts';

/** The services of one tenant in one scope. */
export interface TenantScope extends DataContext {
  readonly cache: Cache<DataContext, TransactionClient>;
  /** The acting user, verified by the gate; `null` for machines, which act for no user. */
  actorId: string | null;
  /** The id of the API key that acts, verified by the gate; `null` for users, jobs and schedules. */
  apiKeyId: string | null;
  /**
   * The idempotent call of the request, if the caller may repeat the request. The call covers every write of the
   * request. Set by `idempotent()`.
   */
  call: IdempotentCall | null;
  /** The state of a row that the headers of the request require. Set by `command()` of `rest`. */
  precondition: Precondition | null;
  /** Runs a write; see `outbox/commit.ts`. */
  readonly commit: Commit<TransactionClient>;
  readonly sessions: Sessions;
  readonly tokens: ClientTokens;
}

/**
 * The services of one request, before its caller is verified. Each room declares the services that it needs; a function
 * takes the type of its room, or only the few members that the function uses.
 */
export interface Scope extends GateScope, CostScope, CodeScope, MailScope, OutboundScope, SealScope {
  readonly requestId: string;
  /** The trace of the scope; `null` without a collector and without a traced caller. */
  readonly trace: Trace | null;
  /** Sends telemetry to the collector; `null` without a collector. */
  readonly exporter: Exporter | null;
  readonly environment: Settings;
  readonly log: Log;
  readonly system: System;
  readonly redis: RedisClient;
  /** Subscribes to channels of Redis. */
  readonly subscribe: Subscribe;
  /** The database, opened at its first use. */
  readonly database: Database;
  /** This isolate's memory of the checks for evictions in Redis. */
  /** Publishes jobs in place of {@link fetch}; `undefined` if `fetch` does. */
  readonly sendToQstash: NodeFetch | undefined;
  readonly evictionMemory: EvictionMemory;
  /** The counters of the isolate. */
  readonly counters: Counters;
  /** The counts of the cache in this isolate since its start. */
  readonly statistics: CacheStatistics;
  /** The database as a `SqlStore`, for the rooms of the platform that send SQL. */
  readonly store: SqlStore<TransactionClient>;
  /** The handlers of all kinds of outbox entries, for writes and for the drain. */
  readonly outboxHandlers: OutboxHandlers;
  /** Keeps work going after the response. If `work` is a function, it is called only after the response. */
  after(work: Promise<unknown> | (() => Promise<unknown>)): void;
  /** Returns at most `limit` ids of tenants that come after `id`, in ascending order. 1 query. */
  tenantsAfter(id: string, limit: number): Promise<readonly string[]>;
  /** Returns the services of a tenant. A handler may pass only a tenant from verified credentials. */
  tenant(id: string): TenantScope;
  /** Waits for the work passed to {@link after} and releases the scope's resources. */
  end(): Promise<void>;
}

/** The verified caller. */
export interface Caller {
  kind: 'api-key' | 'session' | 'token';
  /** The caller's id, unique in a tenant: the id of an API key or of a user. */
  id: string;
  /** The id of the user; `null` for an API key, which belongs to a machine. */
  userId: string | null;
  rights: readonly string[];
  /** The user's role; `null` for an API key. */
  role: string | null;
  /** The id of the session or token family that authenticates a person, for `sessions.revoke`. */
  entryId: string | null;
  /** The session, if a session authenticates the caller. */
  session: Session | null;
  /** The grant, if an access token authenticates the caller. */
  grant: AccessGrant | null;
}

/** The variables of Hono's context in this app. */
export interface AppEnv {
  Variables: {
    scope: Scope;
    /** The client address as the platform reports it; headers that a caller can write are ignored. */
    clientIp: string | null;
    /** The verified caller. Set by `gate()`. */
    caller: Caller;
    /** The caller's tenant. Set by `gate()`. */
    tenant: TenantScope;
    /**
     * `true` for a page with scripts and styles of its own site; `swapping` if its script replaces parts of the page.
     * Set by `scripted()`.
     */
    hasScripts?: boolean | 'swapping';
    /** The path as the log shows it, if the path of the request may have data of people. */
    pathInLog?: string;
    /** `true` for a request that a page sends without its user: it does not extend the session. */
    isUnattended?: boolean;
    /** `true` if the gate writes the entry of this read into the audit trail. */
    isAudited?: boolean;
    /** The part of that entry that the handler adds. Set by `noteRead()`. */
    readNote?: ReadNote;
    /** Resolves at the end of a streamed body, when the scope has ended too. Set by `streamed()`. */
    sent?: Promise<void>;
  };
}
