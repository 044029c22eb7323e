/**
 * `commit()` runs every write. One SQL transaction stores the rows and the write's outbox entries. The write's tags are
 * marked as changing before COMMIT, and get new versions after COMMIT. No reader gets a value older than an
 * acknowledged write, and a crash at any point loses no part of a write.
 *
 *     BEGIN · rows · outbox rows + mark (one Redis request) · COMMIT · settle (one Redis request) · answer
 *
 * Other outbox entries (`tx.addToOutbox`: jobs, events) are handled after COMMIT too, but the answer does not wait for
 * them.
 *
 * If a full Redis refuses marks and settles, the write deletes the versions instead; see `marks.ts`.
 *
 * Marks are set at the end of the transaction, for three reasons. Until COMMIT the old rows are valid, so an earlier
 * mark would bring nothing. The tags may depend on rows that the write reads. And a write that fails costs no Redis
 * request.
 */

import type { Log } from '../log.ts';
import { type RedisKey, type Sealer, type Tag, versionKey } from '../redis/index.ts';
import type { SqlStore, SqlValue } from '../sql/index.ts';
import type { System } from '../system.ts';
import { insertAuditEntry, type NewAuditEntry } from './audit.ts';
import { type CommitOutcome, type IdempotentCall, nextStep, settleEarlier } from './idempotent-call.ts';
import type { Invalidator } from './invalidator.ts';
import { createMarks } from './marks.ts';
import { keepForSecondLook } from './outbox.ts';
import { handleAll, INVALIDATE, type InvalidationPayload, type OutboxHandlers } from './outbox-handlers.ts';
import { deleteEntries, insertEntries } from './outbox-table.ts';
import { type WrittenEntry, withTimes } from './written-entry.ts';

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

/** The time limit of a transaction, in ms; far below a marker's life. */
const TRANSACTION_TIMEOUT_MS = 10_000;

/**
 * Runs a write. Costs two Redis requests for any number of tags; none if the write invalidates nothing. Handlers of
 * other outbox entries run after the answer, with costs of their own. An {@link IdempotentCall} adds two SQL
 * statements. When the promise resolves, the write is durable and no reader will be served an older value.
 * @returns the result of `run`; for a repeated call the first result, without calling `run`.
 * @throws {CommitRefusedError} if the write was not made; see `marks.ts`.
 * @throws {CommitUnsettledError} if the write was made, but old values may be served and Redis refuses to invalidate
 * them.
 * @throws the error of `run`, if the write was not made.
 */
export async function commit<Result, Tx>(
  services: CommitServices<Tx>,
  run: (tx: Transaction<Tx>) => Promise<Result>,
  options: CommitOptions<Result> = {},
): Promise<Result> {
  const { tenant, store, invalidator, system, log, after, call, actorId = null } = services;
  const { apiKeyId = null, requestId = null, precondition = null } = services;
  // The step gets its number before the first await. So a repeated call numbers its commits in the same order.
  const step = call ? nextStep(call, tenant, system) : null;
  const writer = system.token();
  const version = system.token();
  const marks = createMarks({ ...services, whenDown: options.whenDown ?? services.whenDown }, writer);
  const tags = new Set<Tag>(options.markFirst);
  const entries: WrittenEntry[] = [];
  const lastSteps: (() => Promise<unknown>)[] = [];
  const besideMarks: (() => Promise<unknown>)[] = [];
  const entryId = system.rowId('out');
  const transact: SqlStore<Tx>['transaction'] =
    options.onlyEntries && !step ? (work) => work(undefined as Tx) : (work, limits) => store.transaction(work, limits);
  let readyToCommit = false;

  let result: Result;
  let earlier: CommitOutcome | null | undefined;
  let marked: Settling<Result>['marked'] = null;
  try {
    if (options.markFirst && (await marks.mark(keysOf(tenant, tags)))) marked = new Map(marks.beneath);
    result = await transact(
      async (db) => {
        earlier = await step?.begin(store, db);
        if (earlier) return earlier.result as Result;
        const value = await run({
          db,
          query: (text, values) => store.query(text, values, db),
          invalidate(...more) {
            for (const tag of more) tags.add(tag);
          },
          addToOutbox(kind, payload, dueAt = 0) {
            entries.push({ id: system.rowId('out'), tenant, kind, payload, dueAt });
          },
          audit: (entry) => insertAuditEntry({ store, db, system, tenant, actorId, apiKeyId, requestId }, entry),
          beforeCommit(step) {
            lastSteps.push(step);
          },
          alongsideMarks(step) {
            besideMarks.push(step);
          },
          tenant,
          actorId,
          precondition,
          traceparent: services.traceparent,
          system,
          log,
          sealer: services.sealer ?? null,
        });
        if (precondition && !precondition.checked) throw new TypeError('The write has not checked its precondition');
        // The drain finds the invalidation of an entry by their common time.
        const now = system.now();
        const written = entries.map((entry) => withTimes(entry, now));
        if (tags.size > 0) {
          const payload: InvalidationPayload = { writer, version, tags: [...tags] };
          written.push(withTimes({ id: entryId, tenant, kind: INVALIDATE, payload, dueAt: 0 }, now));
        }
        const steps = await Promise.allSettled([
          written.length > 0 ? insertEntries(store, written, db) : undefined,
          step?.keep(store, db, { result: value, writer, version, tags: [...tags] }),
          marks.mark(keysOf(tenant, tags)),
          ...besideMarks.map((beside) => beside()),
        ]);
        for (const step of steps) if (step.status === 'rejected') throw step.reason;
        for (const last of lastSteps) await last();
        readyToCommit = true;
        return value;
      },
      { timeoutMs: TRANSACTION_TIMEOUT_MS },
    );
  } catch (error) {
    // An error before `readyToCommit` certainly means a rollback, so the marks are removed. If COMMIT itself failed,
    // the write may have been committed, and the marks must stay. The drain then settles a committed write; without a
    // commit, the marks expire.
    if (!readyToCommit) marks.takeAway();
    throw error;
  }

  if (earlier) {
    marks.takeAway();
    await settleEarlier(services, earlier);
    return result;
  }

  let settled = tags.size === 0;
  try {
    if (tags.size > 0) {
      const versionKeys = keysOf(tenant, tags);
      const settle = () =>
        options.settle?.({ result, writer, version, versionKeys, marked }) ??
        invalidator.settle(versionKeys, writer, version);
      settled = await marks.settle(versionKeys, settle);
      if (settled) after(keepForSecondLook(store, [entryId], system.now()).catch(() => undefined));
      else log.warn('commit.left_to_drain', { tags: tags.size, entry: entryId });
    }
  } finally {
    // The drain settles the write first, and then handles the entries that need a settled write.
    const waits = ({ kind }: WrittenEntry) => !settled && services.handlers?.[kind]?.needsSettled === true;
    const dueNow = entries.filter((entry) => entry.dueAt <= system.now() && !waits(entry));
    if (dueNow.length > 0) after(handleEntries(dueNow));
  }
  return result;

  /**
   * Handles entries, and deletes the rows of handled entries. If the handler of an entry fails, the row stays for the
   * drain.
   */
  async function handleEntries(written: readonly WrittenEntry[]): Promise<void> {
    const outcomes = await handleAll(written, services.handlers ?? {});
    const done: string[] = [];
    for (const [index, { id, kind }] of written.entries()) {
      const outcome = outcomes[index];
      if (outcome?.status === 'fulfilled') done.push(id);
      else log.warn('outbox.handler_failed', { kind, entry: id, error: outcome?.reason });
    }
    if (done.length > 0) await deleteEntries(store, done);
  }
}

function keysOf(tenant: string, tags: ReadonlySet<Tag>): RedisKey[] {
  return [...tags].map((tag) => versionKey(tenant, tag));
}
