/**
 * The services that jobs need. An application whose scopes have more services declares the types once:
 * ```ts
 * declare module 'holdfast/jobs' {
 *   interface JobTypes {
 *     scope: Scope;
 *     tenant: TenantScope;
 *   }
 * }
 * ```
 *
 * From then on `run(input, { scope, tenant })` of every job and schedule has the application's own types.
 */
import type { Commit } from '../cache/index.ts';
import type { Counters } from '../counters/index.ts';
import type { Log } from '../log.ts';
import type { OutboxHandlers, Transaction } from '../outbox/index.ts';
import type { RedisClient, Sealer } from '../redis/index.ts';
import type { SqlStore } from '../sql/index.ts';
import type { System } from '../system.ts';
import type { Trace } from '../telemetry/index.ts';
import type { SendToQstash } from './qstash/send.ts';

/** The types of an application's scopes. The interface is empty until the application adds members. */
// biome-ignore lint/suspicious/noEmptyInterface: an application adds its members by declaration merging.
export interface JobTypes {}

/** Settings of jobs. */
export interface JobSettings {
  /** The URL of QStash's API. */
  readonly QSTASH_URL: string;
  readonly QSTASH_TOKEN: string;
  readonly QSTASH_CURRENT_SIGNING_KEY: string;
  readonly QSTASH_NEXT_SIGNING_KEY: string;
  /** The origin, without a path, under which callers reach the application. */
  readonly APP_URL: string;
  /** The origin to which QStash delivers jobs. Default: `APP_URL`. */
  readonly JOBS_URL?: string | undefined;
  /** The shortest time between two flushes of an isolate's counters, in ms. */
  readonly COUNTERS_FLUSH_MS: number;
  /** The memory of the Redis plan in bytes, if Redis does not say it. */
  readonly REDIS_MEMORY_LIMIT?: number | undefined;
  /** The messages of unknown errors in job records: shown, or redacted. */
  readonly ERROR_MESSAGES: 'shown' | 'redacted';
}

/** The services of one scope: of a delivery, of a tick, or of a request that enqueues jobs. */
export interface BaseScope {
  readonly environment: JobSettings;
  readonly redis: RedisClient;
  readonly system: System;
  readonly log: Log;
  /** The trace of the scope. Default: none. */
  readonly trace?: Trace | null;
  /** The counters of the isolate. */
  readonly counters: Counters;
  /** Seals the values of sensitive jobs. */
  readonly sealer: Sealer | null;
  /** Sends requests to QStash. */
  readonly fetch: typeof fetch;
  /** Sends publications in place of `fetch`, without a span in the trace. Default: `fetch`. */
  readonly sendToQstash?: SendToQstash | undefined;
  readonly store: SqlStore;
  /** The handlers of all kinds of outbox entries, for writes and for the drain. */
  readonly outboxHandlers: OutboxHandlers;
  /** Keeps the scope alive until `work` has ended. If `work` is a function, it is called only after the response. */
  after(work: Promise<unknown> | (() => Promise<unknown>)): void;
  /** Returns the services of a tenant. */
  tenant(id: string): BaseTenant;
  /** Returns up to `limit` ids of tenants after `id`, in ascending order. */
  tenantsAfter(id: string, limit: number): Promise<readonly string[]>;
  /** Waits for the work passed to {@link after} and releases the scope's resources. */
  end(): Promise<void>;
}

/** The services that jobs need for one tenant. */
export interface BaseTenant {
  readonly tenant: string;
  readonly commit: Commit;
}

/** The scope of a run, with the type that the application declares. */
export type JobScope = JobTypes extends { scope: infer Scope } ? Scope : BaseScope;

/** The tenant of a run, with the type that the application declares. */
export type JobTenant = JobTypes extends { tenant: infer Tenant } ? Tenant : BaseTenant;

/** The transaction of a run, with the type of the tenant's writes. */
export type JobTransaction = JobTenant extends { commit: Commit<infer Tx> } ? Transaction<Tx> : Transaction;
