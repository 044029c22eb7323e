/** The types of a write: its transaction, its options, and the services that it needs. See `commit.ts`. */

import type { Log } from '../log.ts';
import type { RedisKey, Sealer, Tag } from '../redis/index.ts';
import type { SqlStore, SqlValue } from '../sql/index.ts';
import type { System } from '../system.ts';
import type { NewAuditEntry } from './audit.ts';
import type { IdempotentCall } from './idempotent-call.ts';
import type { Invalidator } from './invalidator.ts';
import type { OutboxHandlers } from './outbox-handlers.ts';

/** Options of writes that do more than invalidate; see `cache/write-through.ts`. */
export interface CommitOptions<Result> {
  /** Tags to mark before the write begins, for a write that must read its data after the marks. */
  markFirst?: readonly Tag[];
  /** Replaces {@link Invalidator.settle}. `marked` has the versions of the tags that `markFirst` marked. */
  settle?(settling: Settling<Result>): Promise<void>;
  /** Replaces {@link CommitServices.whenDown}: `strict` for a write that takes rights away. */
  whenDown?: 'available' | 'strict';
  /**
   * `true` for a write that only adds outbox entries, and uses neither `db` nor `query`. Then one statement inserts the
   * entries, without BEGIN and COMMIT, unless the write belongs to an idempotent call.
   */
  onlyEntries?: boolean;
}

/** A write that is committed and about to be settled. */
export interface Settling<Result> {
  result: Result;
  writer: string;
  /** The text with which all new versions must begin. */
  version: string;
  /** The version keys of all tags of the write. */
  versionKeys: readonly RedisKey[];
  /** The versions without marks of the tags in `markFirst`, by key; `null` if the marks did not reach Redis. */
  marked: ReadonlyMap<RedisKey, string> | null;
}

/**
 * The state of one row that the caller of a write requires; see `rest/precondition.ts`. The entity of the row checks it
 * after it has locked and loaded the row.
 */
export interface Precondition {
  /** The kind of the row, as its entity names it, and the id of the row. */
  readonly kind: string;
  readonly id: string;
  /** True after `check`. */
  checked: boolean;
  /**
   * Checks the row in the form that answers have; `null` if the row does not exist.
   * @throws an error that is answered with 412, if the row is not in the required state.
   */
  check(current: object | null): void;
}

/** The argument of every write. `Tx` is the store's client inside of a transaction. */
export interface Transaction<Tx = unknown> {
  /** The transaction's own connection. Statements on other connections are not part of the transaction. */
  readonly db: Tx;
  /** Sends one statement on the transaction's connection, for rooms that know only SQL. See {@link SqlStore.query}. */
  query<Row extends object>(text: string, values: readonly SqlValue[]): Promise<Row[]>;
  /** Adds the tags of data that this write changes. A write may call this several times, at any point. */
  invalidate(...tags: Tag[]): void;
  /**
   * Adds an effect outside the database that must happen if, and only if, this write commits. The entry's handler
   * runs soon after the commit; after a failure, the drain runs the handler later. Rooms wrap this function: see
   * `enqueue` in jobs.
   * @param payload JSON.
   * @param dueAt when to handle the entry, in ms since the epoch. Default: at once.
   */
  addToOutbox(kind: string, payload: object, dueAt?: number): void;
  /** Adds an entry to the audit trail, which is kept if, and only if, this write commits. 1 statement. */
  audit(entry: NewAuditEntry): Promise<void>;
  /**
   * Runs a step outside the database, such as ending sessions, as the last step before COMMIT. If the write is refused
   * earlier, for example because Redis could not be reached, the step does not run. If the step fails, the write is
   * rolled back.
   */
  beforeCommit(step: () => Promise<unknown>): void;
  /**
   * Starts a step outside the database in the turn in which the marks are sent, after `run`: a command to Redis joins
   * their request. If the step fails, the write is rolled back; if the write fails later, the step has still run.
   */
  alongsideMarks(step: () => Promise<unknown>): void;
  /** The state of a row that the caller requires; `null` without such a condition. */
  readonly precondition: Precondition | null;
  /** The header `traceparent` of the scope that writes; `undefined` without a trace. */
  readonly traceparent: string | undefined;
  /** The tenant of this write. The services `system`, `log` and `sealer` are for code that writes. */
  readonly tenant: string;
  /** The user who writes, verified by the gate; `null` for machines and jobs, which act for no user. */
  readonly actorId: string | null;
  readonly system: System;
  readonly log: Log;
  readonly sealer: Sealer | null;
}

/** The services that {@link commit} needs from its scope. */
export interface CommitServices<Tx = unknown> {
  tenant: string;
  /** The user who writes. Default: none. */
  actorId?: string | null;
  /** The id of the API key that writes, for the audit trail. Default: none. */
  apiKeyId?: string | null;
  /** The id of the request that writes, for the audit trail. Default: none. */
  requestId?: string | null;
  /** The header `traceparent` of the scope that writes. Default: none. */
  traceparent?: string | undefined;
  store: SqlStore<Tx>;
  invalidator: Invalidator;
  system: System;
  log: Log;
  /** Handlers of outbox entries, by kind. */
  handlers?: OutboxHandlers;
  /** Seals values that entries must not show. */
  sealer?: Sealer | null;
  /** The idempotent call that this write belongs to, if the caller may repeat the call. */
  call?: IdempotentCall | null;
  /** The state of a row that the caller requires. A write that does not check it is not made. Default: none. */
  precondition?: Precondition | null;
  /** Keeps work going after the response. */
  after(work: Promise<unknown>): void;
  /**
   * The rule for writes while Redis does not answer. `strict`: the write is refused. `available`: the write is made. If
   * Redis then does not answer the settle either, old values may be served until the drain.
   */
  whenDown: 'available' | 'strict';
}
