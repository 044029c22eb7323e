/**
 * The outbox: effects of a write outside the database (invalidations, jobs, events), stored in the write's own SQL
 * transaction. The writer handles its entries right after the commit and deletes their rows; the drain handles the
 * rows that are left. So a crash between any two steps loses nothing.
 *
 * Rows of invalidations are kept a little longer. A failover of Redis may lose the last second of acknowledged
 * commands, settled invalidations included. So the drain checks each invalidation a second time, after a delay that
 * is longer than this second.
 */
import { askedWaitOf } from '../duration.ts';
import type { SqlStore } from '../sql/index.ts';
import type { System } from '../system.ts';
import type { Invalidator } from './invalidator.ts';
import {
  handleAll,
  INVALIDATE,
  invalidationHandler,
  type OutboxHandlers,
  SECOND_LOOK,
  secondLookHandler,
} from './outbox-handlers.ts';
import {
  countEntries,
  deleteEntries,
  insertEntries,
  keepEntries,
  postponeEntry,
  type TakenEntry,
  takeEntries,
  unsettledEntries,
} from './outbox-table.ts';

/** The time in which only the writer handles its rows, in ms. After this time the drain may take them. */
export const WRITERS_TIME_MS = 5_000;
/**
 * The delay between the settle of an invalidation and its second check, in ms. A failover loses commands that its
 * replica had not received (about a second), or that the log on disk did not have (a second with `appendfsync
 * everysec`).
 */
export const SECOND_LOOK_MS = 10_000;
/** How long a drain locks its rows, in ms. After this time another drain may take them. */
const LOCK_MS = 30_000;

/** An outbox entry that is added outside of a write. */
export interface NewOutboxEntry {
  tenant: string;
  kind: string;
  /** JSON. */
  payload: object;
  /** When to handle the entry, in ms since the epoch. */
  dueAt: number;
}

/** Adds an entry outside of a write, for example to repeat later a command that Redis may lose. 1 statement. */
export async function addToOutbox(
  { store, system }: { store: SqlStore; system: System },
  { tenant, kind, payload, dueAt }: NewOutboxEntry,
): Promise<void> {
  const id = system.rowId('out');
  await insertEntries(store, [{ id, tenant, kind, payload, createdAt: system.now(), dueAt }]);
}

/** The entries that wait for a drain. */
export interface Backlog {
  /** The number of due entries. Rows that only wait for the second check of an invalidation do not count. */
  depth: number;
  /** How long the oldest due entry has been due, in ms; 0 without an entry. */
  ageMs: number;
}

/** Reads the backlog of the outbox. 1 query. */
export async function readBacklog({ store, system }: { store: SqlStore; system: System }): Promise<Backlog> {
  const now = system.now();
  const { count, oldest } = await countEntries(store, now);
  return { depth: count, ageMs: oldest === null ? 0 : Math.max(0, Math.round(now - oldest)) };
}

/** The result of a drain. */
export interface DrainResult {
  /** The number of rows that were handled. */
  settled: number;
  /** The number of rows whose handler failed. A later drain tries them again. */
  failed: number;
}

/**
 * Handles entries that are due, oldest first. A drain locks its rows for a limited time. So drains may overlap, and if
 * a drain dies, the next drain takes its rows.
 * @param limit the maximum number of rows to take in one call.
 */
export async function drainOutbox(
  services: { store: SqlStore; invalidator: Invalidator; system: System; handlers?: OutboxHandlers },
  limit = 100,
): Promise<DrainResult> {
  const { store, invalidator, system } = services;
  const handlers: OutboxHandlers = {
    ...services.handlers,
    [INVALIDATE]: invalidationHandler(invalidator),
    [SECOND_LOOK]: secondLookHandler(invalidator),
  };
  const now = system.now();
  const taken = await takeEntries(store, { now, lockedUntil: now + LOCK_MS, limit });
  if (taken.length === 0) return { settled: 0, failed: 0 };

  // Invalidations come first, because other entries may tell readers of the same write. If invalidations of a tenant
  // fail, the entries that need a settled write wait with them.
  const isInvalidation = ({ kind }: { kind: string }) => kind === INVALIDATE || kind === SECOND_LOOK;
  const invalidations = taken.filter(isInvalidation);
  const outcomes = await handleAll(invalidations, handlers);
  const unsettled = new Map<string, PromiseRejectedResult>();
  for (const [index, { tenant }] of invalidations.entries()) {
    const outcome = outcomes[index];
    if (outcome?.status === 'rejected') unsettled.set(tenant, outcome);
  }
  const kept = idsOf(invalidations, outcomes, ({ kind }) => kind === INVALIDATE);
  if (kept.length > 0) await keepForSecondLook(store, kept, system.now());
  const telling = taken.filter(({ kind }) => handlers[kind]?.needsSettled);
  // The invalidation of a write may be in another batch, or wait for another attempt.
  const early = new Set(
    telling.length === 0
      ? []
      : await unsettledEntries(
          store,
          telling.map(({ id }) => id),
        ),
  );
  const failureOf = ({ id, tenant }: TakenEntry) => unsettled.get(tenant) ?? (early.has(id) ? NOT_SETTLED : undefined);
  const waiting = telling.filter(failureOf);
  const others = taken.filter((entry) => !isInvalidation(entry) && !waiting.includes(entry));
  const entries = [...invalidations, ...others, ...waiting];
  outcomes.push(...(await handleAll(others, handlers)), ...waiting.flatMap((entry) => failureOf(entry) ?? []));
  const settled = idsOf(entries, outcomes);
  const done = idsOf(entries, outcomes, ({ kind }) => kind !== INVALIDATE);
  if (done.length > 0) await deleteEntries(store, done);

  for (const [index, outcome] of outcomes.entries()) {
    const entry = entries[index];
    if (outcome.status === 'fulfilled' || !entry) continue;
    const dueAt = now + Math.max(Math.min(60_000, 1000 * 2 ** entry.attempts), askedWaitOf(outcome.reason));
    await postponeEntry(store, { id: entry.id, dueAt, lastError: codeOf(outcome.reason) });
  }
  return { settled: settled.length, failed: entries.length - settled.length };
}

/** The outcome of an entry whose write is not settled. */
const NOT_SETTLED: PromiseRejectedResult = {
  status: 'rejected',
  reason: Object.assign(new Error('The invalidation of the write is not settled'), { code: 'NOT_SETTLED' }),
};

/** Returns the ids of the entries that were handled. */
function idsOf(
  entries: readonly TakenEntry[],
  outcomes: readonly PromiseSettledResult<unknown>[],
  isWanted: (entry: TakenEntry) => boolean = () => true,
): string[] {
  return entries
    .filter((entry, index) => outcomes[index]?.status === 'fulfilled' && isWanted(entry))
    .map(({ id }) => id);
}

/** Keeps settled invalidations for the second check by the drain, and deletes the entries `done`. 1 statement. */
export async function keepForSecondLook(
  store: SqlStore,
  ids: readonly string[],
  now: number,
  done: readonly string[] = [],
): Promise<void> {
  await keepEntries(store, { ids, kind: SECOND_LOOK, dueAt: now + SECOND_LOOK_MS, done });
}

function codeOf(error: unknown): string {
  return error instanceof Error && 'code' in error ? String(error.code) : 'UNKNOWN';
}
