/**
 * The outbox: effects of a write outside the database (invalidations, jobs, events), stored in the write's own SQL
 * transaction. The writer handles its entries right after the commit and deletes their rows; the drain handles the
 * rows that are left. So a crash between any two steps loses nothing.
 *
 * Rows of invalidations are kept a little longer. A failover of Redis may lose the last second of acknowledged
 * commands, settled invalidations included. So the drain checks each invalidation a second time, after a delay that
 * is longer than this second.
 */
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
import { deleteEntries, insertEntries, keepEntries, postponeEntry, takeEntries } from './outbox-table.ts';

/** The time that only the writer may handle its row, in ms; then the drain may take the row. */
export const WRITERS_TIME_MS = 5_000;
/**
 * The delay between the settle of an invalidation and its second check, in ms. A failover loses commands that its
 * replica had not received (about a second), or that the log on disk did not have (a second with `appendfsync
 * everysec`).
 */
export const SECOND_LOOK_MS = 10_000;
/** The lock time of a drain's rows, in ms; after it, another drain may take the rows. */
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

/** Adds an entry outside of a write, such as the repeat of a command that only Redis has received. 1 statement. */
export async function addToOutbox(
  { store, system }: { store: SqlStore; system: System },
  { tenant, kind, payload, dueAt }: NewOutboxEntry,
): Promise<void> {
  const id = system.rowId('out');
  await insertEntries(store, [{ id, tenant, kind, payload, createdAt: system.now(), dueAt }]);
}

/** The result of a drain. */
export interface DrainResult {
  /** Rows handled. */
  settled: number;
  /** Rows whose handler failed; the drain tries them again. */
  failed: number;
}

/**
 * Handles entries that are due, oldest first. The drain locks rows for a limited time, so drains may overlap, and a
 * drain that dies leaves its rows to the next.
 * @param limit the most rows to take in one call.
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
  const entries = await takeEntries(store, { now, lockedUntil: now + LOCK_MS, limit });
  if (entries.length === 0) return { settled: 0, failed: 0 };

  const outcomes = await handleAll(entries, handlers);
  const settled = entries.filter((_entry, index) => outcomes[index]?.status === 'fulfilled');
  const kept = settled.filter(({ kind }) => kind === INVALIDATE).map(({ id }) => id);
  const done = settled.filter(({ kind }) => kind !== INVALIDATE).map(({ id }) => id);
  if (kept.length > 0) await keepForSecondLook(store, kept, system.now());
  if (done.length > 0) await deleteEntries(store, done);

  for (const [index, outcome] of outcomes.entries()) {
    const entry = entries[index];
    if (outcome.status === 'fulfilled' || !entry) continue;
    const dueAt = now + Math.min(60_000, 1000 * 2 ** entry.attempts);
    await postponeEntry(store, { id: entry.id, dueAt, lastError: codeOf(outcome.reason) });
  }
  return { settled: settled.length, failed: entries.length - settled.length };
}

/** Keeps settled invalidations for the second check by the drain. 1 statement. */
export async function keepForSecondLook(store: SqlStore, ids: readonly string[], now: number): Promise<void> {
  await keepEntries(store, { ids, kind: SECOND_LOOK, dueAt: now + SECOND_LOOK_MS });
}

function codeOf(error: unknown): string {
  return error instanceof Error && 'code' in error ? String(error.code) : 'UNKNOWN';
}
