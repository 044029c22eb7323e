/**
 * `commit()` runs every write. One SQL transaction stores the rows and the write's outbox entries. The write's tags
 * are marked as changing before COMMIT, and get new versions after COMMIT. No reader gets a value older than an
 * acknowledged write, and a crash at any point loses no part of a write.
 *
 *     BEGIN · rows · outbox rows + mark (one Redis request) · COMMIT · settle (one Redis request) · answer
 *
 * Other entries (`tx.addToOutbox`: jobs, events) are handled after COMMIT too, by `after`: the answer does not wait.
 *
 * If a full Redis refuses marks and settles, the write deletes the versions instead; see `marks.ts`.
 *
 * Marks are set at the end of the transaction: until COMMIT the old rows are valid, so earlier marks would be
 * useless; the tags can follow from rows that the write reads; and a write that fails costs no Redis request.
 */

import type { Log } from '../log.ts';
import { type RedisKey, type Sealer, type Tag, versionKey } from '../redis/index.ts';
import type { SqlStore } from '../sql/index.ts';
import type { System } from '../system.ts';
import { type CommitOutcome, type IdempotentCall, nextStep, settleEarlier } from './idempotent-call.ts';
import type { Invalidator } from './invalidator.ts';
import { createMarks } from './marks.ts';
import { keepForSecondLook, WRITERS_TIME_MS } from './outbox.ts';
import {
  handleAll,
  INVALIDATE,
  type InvalidationPayload,
  type OutboxEntry,
  type OutboxHandlers,
} from './outbox-handlers.ts';
import { deleteEntries, insertEntries, type NewEntry } from './outbox-table.ts';

/** Options of writes that do more than invalidate; see `cache/write-through.ts`. */
export interface CommitOptions<Result> {
  /** Tags to mark before the write begins, because the write's reads must come after these marks. */
  markFirst?: readonly Tag[];
  /** Replaces {@link Invalidator.settle}. `marked` has the versions that `markFirst` found. */
  settle?(settling: Settling<Result>): Promise<void>;
  /** Replaces {@link CommitServices.whenDown}: `strict` for a write that takes rights away. */
  whenDown?: 'available' | 'strict';
}

/** A write that is committed and about to be settled. */
export interface Settling<Result> {
  result: Result;
  writer: string;
  /** The text with which all new versions must begin. */
  version: string;
  /** The version keys of all tags of the write. */
  versionKeys: readonly RedisKey[];
  /** The versions beneath the first marks, by key; `null` if the marks did not reach Redis. */
  marked: ReadonlyMap<RedisKey, string> | null;
}

/** The argument of every write. `Tx` is the store's client inside of a transaction. */
export interface Transaction<Tx = unknown> {
  /** The transaction's own connection. Rows read or written elsewhere are not part of it. */
  readonly db: Tx;
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
  /**
   * Runs a step outside the database, such as ending sessions, as the last step before COMMIT. If the write is
   * refused earlier, for example because Redis could not be reached, the step does not run. A step that fails rolls
   * back.
   */
  beforeCommit(step: () => Promise<unknown>): void;
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
  /** Keeps work going after the response. */
  after(work: Promise<unknown>): void;
  /**
   * The rule if Redis does not answer before the write: `available` writes all the same (if the settle is lost too,
   * old values may be served until the drain), `strict` refuses the write.
   */
  whenDown: 'available' | 'strict';
}

/** The time limit of a transaction, in ms; far below a marker's life. */
const TRANSACTION_TIMEOUT_MS = 10_000;

/**
 * Runs a write. Costs two Redis requests for any number of tags, none if the write invalidates nothing. The handlers
 * of other outbox entries add their costs after the answer. An {@link IdempotentCall} adds two SQL statements. When
 * the promise resolves, the write is durable and no reader will be served an older value.
 * @returns the result of `run`; for a repeated call the first result, without calling `run`.
 * @throws {CommitRefusedError} if the write was not made; see `marks.ts`.
 * @throws {CommitUnsettledError} if the write was made, but old values may be served and Redis refuses to end them.
 * @throws the error of `run`, if the write was not made.
 */
export async function commit<Result, Tx>(
  services: CommitServices<Tx>,
  run: (tx: Transaction<Tx>) => Promise<Result>,
  options: CommitOptions<Result> = {},
): Promise<Result> {
  const { tenant, store, invalidator, system, log, after, call } = services;
  // The step is numbered before the first await, so that a repeat numbers its commits in the same order.
  const step = call ? nextStep(call, tenant, system) : null;
  const writer = system.token();
  const version = system.token();
  const marks = createMarks({ ...services, whenDown: options.whenDown ?? services.whenDown }, writer);
  const tags = new Set<Tag>(options.markFirst);
  const entries: WrittenEntry[] = [];
  const lastSteps: (() => Promise<unknown>)[] = [];
  const entryId = system.rowId('out');
  let readyToCommit = false;

  let result: Result;
  let earlier: CommitOutcome | null | undefined;
  let marked: Settling<Result>['marked'] = null;
  try {
    if (options.markFirst && (await marks.mark(keysOf(tenant, tags)))) marked = new Map(marks.beneath);
    result = await store.transaction(
      async (db) => {
        earlier = await step?.begin(store, db);
        if (earlier) return earlier.result as Result;
        const value = await run({
          db,
          invalidate(...more) {
            for (const tag of more) tags.add(tag);
          },
          addToOutbox(kind, payload, dueAt = 0) {
            entries.push({ id: system.rowId('out'), tenant, kind, payload, dueAt });
          },
          beforeCommit(step) {
            lastSteps.push(step);
          },
          tenant,
          actorId: services.actorId ?? null,
          system,
          log,
          sealer: services.sealer ?? null,
        });
        const written = entries.map((entry) => withTimes(entry, system.now()));
        if (tags.size > 0) {
          const payload: InvalidationPayload = { writer, version, tags: [...tags] };
          written.push(withTimes({ id: entryId, tenant, kind: INVALIDATE, payload, dueAt: 0 }, system.now()));
        }
        const steps = await Promise.allSettled([
          written.length > 0 ? insertEntries(store, written, db) : undefined,
          step?.keep(store, db, { result: value, writer, version, tags: [...tags] }),
          marks.mark(keysOf(tenant, tags)),
        ]);
        for (const step of steps) if (step.status === 'rejected') throw step.reason;
        for (const last of lastSteps) await last();
        readyToCommit = true;
        return value;
      },
      { timeoutMs: TRANSACTION_TIMEOUT_MS },
    );
  } catch (error) {
    // Before `readyToCommit` the write is certainly rolled back, so the marks are removed. If COMMIT itself failed,
    // its effect is unknown and the marks must stay: the drain settles a committed write; otherwise the marks expire.
    if (!readyToCommit) marks.takeAway();
    throw error;
  }

  if (earlier) {
    marks.takeAway();
    await settleEarlier(services, earlier);
    return result;
  }

  const dueNow = entries.filter(({ dueAt }) => dueAt <= system.now());
  if (dueNow.length > 0) after(handleEntries(dueNow));

  if (tags.size > 0) {
    const versionKeys = keysOf(tenant, tags);
    const settle = () =>
      options.settle?.({ result, writer, version, versionKeys, marked }) ??
      invalidator.settle(versionKeys, writer, version);
    const settled = await marks.settle(versionKeys, settle);
    if (settled) after(keepForSecondLook(store, [entryId], system.now()).catch(() => undefined));
    else log.warn('commit.left_to_drain', { tags: tags.size, entry: entryId });
  }
  return result;

  /** Handles entries, and deletes the rows of handled entries. An entry whose handler fails stays for the drain. */
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

/** An outbox entry with its kind, its payload and its due time. */
interface WrittenEntry extends OutboxEntry {
  kind: string;
  payload: object;
  dueAt: number;
}

function keysOf(tenant: string, tags: ReadonlySet<Tag>): RedisKey[] {
  return [...tags].map((tag) => versionKey(tenant, tag));
}

/** Adds the times of an entry. The entry is due later for the drain, because at first its writer handles it. */
function withTimes(entry: WrittenEntry, now: number): NewEntry {
  return { ...entry, createdAt: now, dueAt: Math.max(now + WRITERS_TIME_MS, entry.dueAt) };
}
