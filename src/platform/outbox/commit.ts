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

import { type RedisKey, type Tag, versionKey } from '../redis/index.ts';
import type { SqlStore } from '../sql/index.ts';
import { insertAuditEntry } from './audit.ts';
import { type CommitOutcome, nextStep, settleEarlier } from './idempotent-call.ts';
import { createMarks } from './marks.ts';
import { keepForSecondLook } from './outbox.ts';
import { handleAll, INVALIDATE, type InvalidationPayload } from './outbox-handlers.ts';
import { deleteEntries, insertEntries } from './outbox-table.ts';
import type { CommitOptions, CommitServices, Settling, Transaction } from './transaction.ts';
import { type WrittenEntry, withTimes } from './written-entry.ts';

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
      if (!settled) log.warn('commit.left_to_drain', { tags: tags.size, entry: entryId });
    }
  } finally {
    // The drain settles the write first, and then handles the entries that need a settled write.
    const waits = ({ kind }: WrittenEntry) => !settled && services.handlers?.[kind]?.needsSettled === true;
    const dueNow = entries.filter((entry) => entry.dueAt <= system.now() && !waits(entry));
    const kept = settled && tags.size > 0 ? [entryId] : [];
    if (dueNow.length > 0) after(handleEntries(dueNow, kept));
    else if (kept.length > 0) after(keepForSecondLook(store, kept, system.now()).catch(() => undefined));
  }
  return result;

  /**
   * Handles entries, deletes the rows of handled entries, and keeps the settled invalidation `kept`. If the handler of an
   * entry fails, the row stays for the drain.
   */
  async function handleEntries(written: readonly WrittenEntry[], kept: readonly string[]): Promise<void> {
    const outcomes = await handleAll(written, services.handlers ?? {});
    const done: string[] = [];
    for (const [index, { id, kind }] of written.entries()) {
      const outcome = outcomes[index];
      if (outcome?.status === 'fulfilled') done.push(id);
      else log.warn('outbox.handler_failed', { kind, entry: id, error: outcome?.reason });
    }
    if (kept.length > 0) await keepForSecondLook(store, kept, system.now(), done);
    else if (done.length > 0) await deleteEntries(store, done);
  }
}

function keysOf(tenant: string, tags: ReadonlySet<Tag>): RedisKey[] {
  return [...tags].map((tag) => versionKey(tenant, tag));
}
