/**
 * `commit()` runs every write. Rows and the write's outbox entries go into one SQL transaction;
 * around the SQL commit the tags it touched are marked as changing and then given new versions. No reader is served a
 * value older than a write that was acknowledged, and a crash at any point loses neither.
 *
 *     BEGIN · rows · outbox rows + mark (one Redis request) · COMMIT · settle (one Redis request) · answer
 *
 * The other entries (`tx.addToOutbox`: jobs, events) are handled after COMMIT too, by `after`: the answer does not wait.
 *
 * Where Redis refuses marks and settles, because it is full, it deletes the versions instead; see `marks.ts`.
 *
 * The marking comes last inside the transaction: until COMMIT the old rows are the truth, so nothing needs marking
 * before; the tags can follow from the rows that were read; and a write that fails costs Redis nothing.
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

/** For writes that do more than invalidate; see `cache/write-through.ts`. */
export interface CommitOptions<Result> {
  /** Tags to mark before the write begins, because what it reads must be newer than the marks. */
  markFirst?: readonly Tag[];
  /** Settles in place of {@link Invalidator.settle}. `marked` has the versions that `markFirst` found. */
  settle?(settling: Settling<Result>): Promise<void>;
  /** In place of {@link CommitServices.whenDown}: `strict` for a write that takes rights away. */
  whenDown?: 'available' | 'strict';
}

/** A write that is committed and about to be settled. */
export interface Settling<Result> {
  result: Result;
  writer: string;
  /** The new versions must begin with this. */
  version: string;
  /** The versions of every tag the write named. */
  versionKeys: readonly RedisKey[];
  /** Versions as they were beneath the first marks, by key; `null` if the marks did not reach Redis. */
  marked: ReadonlyMap<RedisKey, string> | null;
}

/** The argument of every write. `Tx` is the store's client inside of a transaction. */
export interface Transaction<Tx = unknown> {
  /** The transaction's own connection. Rows read or written elsewhere are not part of it. */
  readonly db: Tx;
  /** Names what this write changes. Call it as often as needed, at any point of the write. */
  invalidate(...tags: Tag[]): void;
  /**
   * Adds an effect outside the database that must happen if, and only if, this write commits. The handler of its kind
   * runs soon after the commit; if it fails, the drain runs it later. Rooms wrap this: see `enqueue` in jobs.
   * @param payload JSON.
   * @param dueAt when to handle it, in ms since the epoch. Default: at once.
   */
  addToOutbox(kind: string, payload: object, dueAt?: number): void;
  /**
   * Runs a step outside the database as the last one before COMMIT, such as ending sessions. If the write is refused
   * earlier, for example because Redis could not be reached, the step does not run; a step that fails rolls back.
   */
  beforeCommit(step: () => Promise<unknown>): void;
  /** The tenant of this write; below it the services for code that writes: time and ids, the log, the sealer. */
  readonly tenant: string;
  /** The user who writes, as the gate has verified; `null` for machines and jobs, which act for no user. */
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
  /** The call that this write is part of, if its caller may send it again. */
  call?: IdempotentCall | null;
  /** Keeps work going after the response. */
  after(work: Promise<unknown>): void;
  /**
   * If Redis does not answer before the write: `available` writes all the same (if the settling is lost too, old values
   * may be served until the drain), `strict` refuses.
   */
  whenDown: 'available' | 'strict';
}

/** A transaction holds its connection for at most this long, in ms; far below a marker's life. */
const TRANSACTION_TIMEOUT_MS = 10_000;

/**
 * Runs a write. Costs two Redis requests for any number of tags, none if the write invalidates nothing. The handlers of
 * its other outbox entries add their costs after the answer. An {@link IdempotentCall} adds two SQL statements.
 * When the promise resolves, the write is durable and no reader will be served anything older.
 * @returns the result of `run`; for a repeated call the first result, without calling `run`.
 * @throws {CommitRefusedError} without having written; see `marks.ts`.
 * @throws {CommitUnsettledError} having written, if old values may be served and Redis refuses to end them.
 * @throws the error of `run`, without having written.
 */
export async function commit<Result, Tx>(
  services: CommitServices<Tx>,
  run: (tx: Transaction<Tx>) => Promise<Result>,
  options: CommitOptions<Result> = {},
): Promise<Result> {
  const { tenant, store, invalidator, system, log, after, call } = services;
  // Numbered before anything is waited for: a repeat begins its commits in the same order.
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
    // Rolled back for certain: take the marks away. If COMMIT itself failed it is not known whether it took effect, so
    // the marks must stay: the drain settles them if it did, their own deadline ends them if it did not.
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

  /** An entry that fails here stays for the drain. */
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

/** An entry, and when it is due. */
interface WrittenEntry extends OutboxEntry {
  kind: string;
  payload: object;
  dueAt: number;
}

function keysOf(tenant: string, tags: ReadonlySet<Tag>): RedisKey[] {
  return [...tags].map((tag) => versionKey(tenant, tag));
}

/** The drain leaves an entry to its writer at first. */
function withTimes(entry: WrittenEntry, now: number): NewEntry {
  return { ...entry, createdAt: now, dueAt: Math.max(now + WRITERS_TIME_MS, entry.dueAt) };
}
