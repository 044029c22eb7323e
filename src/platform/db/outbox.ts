/**
 * The outbox: effects of a write outside the database (invalidations, jobs, events), stored in the write's own SQL
 * transaction. The writer handles its entries right after the commit and deletes their rows; the drain handles the rows
 * that are left. So a crash between any two steps loses nothing.
 *
 * Invalidations are kept a little longer. A failover of Redis may lose the last second of acknowledged commands, and an
 * invalidation that was settled in that second with them. So the drain looks at each invalidation once more, after a
 * time that is longer than such a lag.
 */
import type { PrismaClient } from '#prisma';
import type { System } from '../system.ts';
import type { Database } from './client.ts';
import type { Invalidator } from './invalidator.ts';
import {
  handleAll,
  INVALIDATE,
  invalidationHandler,
  type OutboxHandlers,
  SECOND_LOOK,
  secondLookHandler,
} from './outbox-handlers.ts';

/** How long the drain leaves a row to its writer, in ms. */
export const WRITERS_TIME_MS = 5_000;
/**
 * How long after it was settled an invalidation is looked at once more, in ms. A failover loses what its replica had not
 * received, which is about a second, or what the log on disk did not have, which is a second with `appendfsync everysec`.
 */
export const SECOND_LOOK_MS = 10_000;
/** How long a drain may work on the rows it took before another may take them, in ms. */
const LOCK_MS = 30_000;

/** An entry that is added without a write of its own. */
export interface NewOutboxEntry {
  tenant: string;
  kind: string;
  /** JSON. */
  payload: object;
  /** When to handle it, in ms since the epoch. */
  dueAt: number;
}

/** Adds an entry outside of a write, such as the repetition of a command that only Redis has received. 1 statement. */
export async function addToOutbox(
  { database, system }: { database: Database; system: System },
  { tenant, kind, payload, dueAt }: NewOutboxEntry,
): Promise<void> {
  const client = await database.client();
  const data = { id: system.rowId('out'), tenantId: tenant, kind, payload, dueAt: new Date(dueAt) };
  await client.outbox.create({ data: { ...data, createdAt: new Date(system.now()) } });
}

/** The result of a drain. */
export interface DrainResult {
  /** Rows handled. */
  settled: number;
  /** Rows whose handler failed; the drain tries them again. */
  failed: number;
}

interface OutboxRow {
  id: string;
  tenant_id: string;
  kind: string;
  payload: unknown;
  attempts: number;
}

/**
 * Handles entries that are due, oldest first. The drain locks rows for a limited time, so drains may overlap, and a
 * drain that dies leaves its rows to the next.
 * @param limit the most rows to take in one call.
 */
export async function drainOutbox(
  services: { database: Database; invalidator: Invalidator; system: System; handlers?: OutboxHandlers },
  limit = 100,
): Promise<DrainResult> {
  const { database, invalidator, system } = services;
  const handlers: OutboxHandlers = {
    ...services.handlers,
    [INVALIDATE]: invalidationHandler(invalidator),
    [SECOND_LOOK]: secondLookHandler(invalidator),
  };
  const client = await database.client();
  const now = new Date(system.now());
  const rows = await client.$queryRaw<OutboxRow[]>`
    UPDATE outbox SET locked_until = ${new Date(now.getTime() + LOCK_MS)}, attempts = attempts + 1
    WHERE id IN (
      SELECT id FROM outbox
      WHERE due_at <= ${now} AND (locked_until IS NULL OR locked_until < ${now})
      ORDER BY due_at LIMIT ${limit} FOR UPDATE SKIP LOCKED)
    RETURNING id, tenant_id, kind, payload, attempts`;
  if (rows.length === 0) return { settled: 0, failed: 0 };

  const entries = rows.map(({ id, tenant_id, kind, payload }) => ({ id, tenant: tenant_id, kind, payload }));
  const outcomes = await handleAll(entries, handlers);
  const settled = rows.filter((_row, index) => outcomes[index]?.status === 'fulfilled');
  const kept = settled.filter(({ kind }) => kind === INVALIDATE).map(({ id }) => id);
  const done = settled.filter(({ kind }) => kind !== INVALIDATE).map(({ id }) => id);
  if (kept.length > 0) await keepForSecondLook(client, kept, system.now());
  if (done.length > 0) await client.outbox.deleteMany({ where: { id: { in: done } } });

  for (const [index, outcome] of outcomes.entries()) {
    const row = rows[index];
    if (outcome.status === 'fulfilled' || !row) continue;
    const dueAt = new Date(now.getTime() + Math.min(60_000, 1000 * 2 ** row.attempts));
    const data = { dueAt, lockedUntil: null, lastError: codeOf(outcome.reason) };
    await client.outbox.updateMany({ where: { id: row.id }, data });
  }
  return { settled: settled.length, failed: rows.length - settled.length };
}

/** Keeps settled invalidations for the drain's second look. 1 statement. */
export async function keepForSecondLook(
  client: Pick<PrismaClient, 'outbox'>,
  ids: string[],
  now: number,
): Promise<void> {
  const data = { kind: SECOND_LOOK, dueAt: new Date(now + SECOND_LOOK_MS), lockedUntil: null, attempts: 0 };
  await client.outbox.updateMany({ where: { id: { in: ids } }, data });
}

function codeOf(error: unknown): string {
  return error instanceof Error && 'code' in error ? String(error.code) : 'UNKNOWN';
}
