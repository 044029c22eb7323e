/**
 * `commit()` is how anything is written. Rows and what the write owes (its outbox rows) go into one SQL transaction;
 * around the SQL commit the tags it touched are marked as changing and then given new versions. No reader is served a
 * value older than a write that was acknowledged, and a crash at any point loses neither.
 *
 *     BEGIN · rows · outbox rows + mark (one Redis request) · COMMIT · settle (one Redis request) · answer
 *
 * What else it owes (`tx.owe`: jobs, events) is paid after COMMIT too, but nobody waits for it: it goes to `after`.
 *
 * The marking comes last inside the transaction: until COMMIT the old rows are the truth, so nothing needs marking
 * before; the tags can follow from the rows that were read; and a write that fails costs Redis nothing.
 */

import type { PrismaClient } from '#prisma';
import type { Log } from '../log.ts';
import { type RedisKey, type Sealer, type Tag, versionKey } from '../redis/index.ts';
import type { System } from '../system.ts';
import type { Database } from './client.ts';
import type { Invalidator } from './invalidator.ts';
import { WRITERS_TIME_MS } from './outbox.ts';
import { type Debt, type InvalidationPayload, type Payers, payAll } from './payers.ts';

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
  /** The versions of every tag the write named. */
  versionKeys: readonly RedisKey[];
  /** Versions as they were beneath the first marks, by key; `null` if Redis could not be told. */
  marked: ReadonlyMap<RedisKey, string> | null;
}

/** Prisma inside the transaction: every model, no nested transactions. */
export type TransactionClient = Omit<
  PrismaClient,
  '$connect' | '$disconnect' | '$on' | '$transaction' | '$extends' | '$use'
>;

/** What a write is handed. */
export interface Transaction {
  /** The transaction's own connection. Rows read or written elsewhere are not part of it. */
  readonly db: TransactionClient;
  /** Names what this write changes. Call it as often as needed, at any point of the write. */
  invalidate(...tags: Tag[]): void;
  /**
   * Records what must happen outside if, and only if, this write commits. It is paid soon after, by the payer of its
   * kind; later by the drain if that fails. Rooms wrap this: see `enqueue` in jobs.
   * @param payload JSON.
   * @param dueAt when to pay it, in ms since the epoch. Default: at once.
   */
  owe(kind: string, payload: object, dueAt?: number): void;
  /**
   * Runs a step outside the database as the last one before COMMIT, such as ending sessions. A write that is refused
   * before, also because Redis could not be told of it, has then changed nothing; a step that fails rolls back.
   */
  beforeCommit(step: () => Promise<unknown>): void;
  /** Whose write this is; with time, ids and the sealer, for those who make debts. */
  readonly tenant: string;
  readonly system: System;
  readonly sealer: Sealer | null;
}

/** What {@link commit} needs from its scope. */
export interface CommitServices {
  tenant: string;
  database: Database;
  invalidator: Invalidator;
  system: System;
  log: Log;
  /** Pay what writes owe, by kind. */
  payers?: Payers;
  /** Seals what debts must not show. */
  sealer?: Sealer | null;
  /** Keeps work going after the response. */
  after(work: Promise<unknown>): void;
  /**
   * If Redis cannot be told beforehand: `available` writes all the same (and should the settling fail too, old values
   * may be served until the drain), `strict` refuses.
   */
  whenDown: 'available' | 'strict';
}

/** A write was refused because Redis could not be told of it and the mode is `strict`. */
export class CommitRefusedError extends Error {
  override readonly name = 'CommitRefusedError';
  readonly code = 'COMMIT_REFUSED';
  constructor() {
    super('Redis could not be told of the write beforehand, and writes are strict');
  }
}

/** A transaction holds its connection for at most this long, in ms; far below a marker's life. */
const TRANSACTION_TIMEOUT_MS = 10_000;

/**
 * Runs a write. Costs two Redis requests, whatever the number of tags; none if it invalidates nothing; and what the
 * payers of its other debts cost, after the answer.
 * When the promise resolves, the write is durable and no reader will be served anything older.
 * @throws {CommitRefusedError} in `strict` mode, without having written.
 * @throws whatever `run` throws, without having written.
 */
export async function commit<Result>(
  services: CommitServices,
  run: (tx: Transaction) => Promise<Result>,
  options: CommitOptions<Result> = {},
): Promise<Result> {
  const { tenant, database, invalidator, system, log, after } = services;
  const client = await database.client();
  const writer = system.token();
  const tags = new Set<Tag>(options.markFirst);
  const debts: OwedDebt[] = [];
  const lastSteps: (() => Promise<unknown>)[] = [];
  const owedId = system.rowId('out');
  const asked = new Set<RedisKey>();
  const marked = new Map<RedisKey, string>();
  let unanswered = false;
  let readyToCommit = false;

  /** Marks what is not marked yet. `false` if Redis could not be told, and writes go on all the same. */
  async function mark(): Promise<boolean> {
    const keys = keysOf(tenant, tags).filter((key) => !marked.has(key));
    if (keys.length === 0) return true;
    for (const key of keys) asked.add(key);
    try {
      const versions = await invalidator.mark(keys, writer);
      for (const [index, key] of keys.entries()) marked.set(key, versions[index] ?? '');
      return true;
    } catch (error) {
      unanswered = true;
      log.warn('commit.mark_failed', { tags: keys.length, error });
      if ((options.whenDown ?? services.whenDown) === 'strict') throw new CommitRefusedError();
      return false;
    }
  }

  let result: Result;
  let markedFirst = false;
  let before = new Map(marked);
  try {
    if (options.markFirst) markedFirst = await mark();
    before = new Map(marked);
    result = await client.$transaction(
      async (db) => {
        const value = await run({
          db,
          invalidate(...more) {
            for (const each of more) tags.add(each);
          },
          owe(kind, payload, dueAt = 0) {
            debts.push({ id: system.rowId('out'), tenant, kind, payload, dueAt });
          },
          beforeCommit(step) {
            lastSteps.push(step);
          },
          tenant,
          system,
          sealer: services.sealer ?? null,
        });
        const rows = debts.map((debt) => owedRow(debt, system.now()));
        if (tags.size > 0) {
          const payload: InvalidationPayload = { writer, tags: [...tags] };
          rows.push(owedRow({ id: owedId, tenant, kind: 'invalidate', payload, dueAt: 0 }, system.now()));
        }
        if (rows.length > 0) {
          const [owed, told] = await Promise.allSettled([db.outbox.createMany({ data: rows }), mark()]);
          for (const step of [owed, told]) if (step.status === 'rejected') throw step.reason;
        }
        for (const step of lastSteps) await step();
        readyToCommit = true;
        return value;
      },
      { timeout: TRANSACTION_TIMEOUT_MS, maxWait: TRANSACTION_TIMEOUT_MS },
    );
  } catch (error) {
    // Rolled back for certain: take the marks away, also those whose answer was lost. If COMMIT itself failed nobody
    // knows whether it took effect, so the marks must stay: the drain settles them if it did, their own deadline ends
    // them if it did not.
    if (asked.size > 0 && !readyToCommit) after(invalidator.unmark([...asked], writer).catch(() => undefined));
    throw error;
  }

  const dueNow = debts.filter(({ dueAt }) => dueAt <= system.now());
  if (dueNow.length > 0) after(payDebts(dueNow));

  if (tags.size > 0) {
    const versionKeys = keysOf(tenant, tags);
    try {
      if (options.settle) await options.settle({ result, writer, versionKeys, marked: markedFirst ? before : null });
      else await invalidator.settle(versionKeys, writer);
      // A mark without an answer may arrive after this settle: then the row stays, and the drain settles once more.
      if (!unanswered) after(client.outbox.deleteMany({ where: { id: owedId } }).catch(() => undefined));
    } catch (error) {
      log.warn('commit.settle_failed', { tags: tags.size, owed: owedId, error });
    }
  }
  return result;

  /** Whatever is not paid here stays for the drain. */
  async function payDebts(owed: readonly OwedDebt[]): Promise<void> {
    const outcomes = await payAll(owed, services.payers ?? {});
    const paid: string[] = [];
    for (const [index, { id, kind }] of owed.entries()) {
      const outcome = outcomes[index];
      if (outcome?.status === 'fulfilled') paid.push(id);
      else log.warn('commit.not_paid', { kind, owed: id, error: outcome?.reason });
    }
    if (paid.length > 0) await client.outbox.deleteMany({ where: { id: { in: paid } } });
  }
}

/** A debt, and when it is due. */
interface OwedDebt extends Debt {
  kind: string;
  payload: object;
  dueAt: number;
}

function keysOf(tenant: string, tags: ReadonlySet<Tag>): RedisKey[] {
  return [...tags].map((each) => versionKey(tenant, each));
}

function owedRow({ id, tenant, kind, payload, dueAt }: OwedDebt, now: number) {
  return {
    id,
    tenantId: tenant,
    kind,
    payload: { ...payload },
    createdAt: new Date(now),
    dueAt: new Date(Math.max(now + WRITERS_TIME_MS, dueAt)),
  };
}
