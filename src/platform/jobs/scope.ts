/**
 * The services that jobs need. An application gives its scopes more than these, and says so once:
 *
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
import type { Log } from '../log.ts';
import type { Transaction } from '../outbox/index.ts';
import type { RedisClient, Sealer } from '../redis/index.ts';
import type { SqlStore } from '../sql/index.ts';
import type { System } from '../system.ts';

/** The types of an application's scopes. Empty until the application declares its own. */
// biome-ignore lint/suspicious/noEmptyInterface: an application adds its members by declaration merging.
export interface JobTypes {}

/** Settings of jobs. */
export interface JobSettings {
  /** Where QStash is. */
  readonly QSTASH_URL: string;
  readonly QSTASH_TOKEN: string;
  readonly QSTASH_CURRENT_SIGNING_KEY: string;
  readonly QSTASH_NEXT_SIGNING_KEY: string;
  /** Where callers reach the application: an origin, without a path. */
  readonly APP_URL: string;
  /** Where QStash delivers, if not to `APP_URL`. */
  readonly JOBS_URL?: string | undefined;
  /** How often an isolate adds its counts of refused deliveries to the shared ones, in ms. */
  readonly CACHE_STATISTICS_MS: number;
  /** How much job records tell of unknown errors. */
  readonly ERROR_MESSAGES: 'shown' | 'redacted';
}

/** The services of a delivery, a tick or a request that enqueues. */
export interface BaseScope {
  readonly environment: JobSettings;
  readonly redis: RedisClient;
  readonly system: System;
  readonly log: Log;
  /** Seals the values of sensitive jobs. */
  readonly sealer: Sealer | null;
  /** Sends requests to QStash. */
  readonly fetch: typeof fetch;
  readonly store: SqlStore;
  /** Keeps work going after the response; a function is called only then. */
  after(work: Promise<unknown> | (() => Promise<unknown>)): void;
  /** The services of a tenant. */
  tenant(id: string): BaseTenant;
  /** Ids of tenants in ascending order, those after an id. */
  tenantsAfter(id: string, limit: number): Promise<readonly string[]>;
  /** Waits for the work of {@link after} and releases what the scope holds. */
  end(): Promise<void>;
}

/** The services of one tenant that jobs need. */
export interface BaseTenant {
  readonly tenant: string;
  readonly commit: Commit;
}

/** The scope of a run, as the application declares it. */
export type JobScope = JobTypes extends { scope: infer Scope } ? Scope : BaseScope;

/** The tenant of a run, as the application declares it. */
export type JobTenant = JobTypes extends { tenant: infer Tenant } ? Tenant : BaseTenant;

/** The transaction of a run: that of the tenant's writes. */
export type JobTransaction = JobTenant extends { commit: Commit<infer Tx> } ? Transaction<Tx> : Transaction;
