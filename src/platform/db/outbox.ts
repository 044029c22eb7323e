/**
 * The outbox: what a write owes the world (invalidations, jobs, events), stored in the write's own SQL transaction. The
 * writer pays at once after its commit and deletes the row; whatever it could not pay stays here, and the drain pays
 * it. So a crash between any two steps loses nothing.
 *
 * Invalidations are kept a little longer. A failover of Redis may lose the last second of what it had acknowledged; what
 * was settled then is so no more. So the drain looks at each once more, after a time that is longer than such a lag.
 */
import type { PrismaClient } from '#prisma';
import type { System } from '../system.ts';
import type { Database } from './client.ts';
import type { Invalidator } from './invalidator.ts';
import { INVALIDATE, invalidationPayer, type Payers, payAll, SECOND_LOOK, secondLookPayer } from './payers.ts';

/** How long the drain leaves a row to its writer, in ms. */
export const WRITERS_TIME_MS = 5_000;
/**
 * How long after it was settled an invalidation is looked at once more, in ms. A failover loses what its replica had not
 * received, which is about a second, or what the log on disk did not have, which is a second with `appendfsync everysec`.
 */
export const SECOND_LOOK_MS = 10_000;
/** How long a drain may work on the rows it took before another may take them, in ms. */
const LOCK_MS = 30_000;

/** Something that is owed without a transaction of its own. */
export interface LateDebt {
  tenant: string;
  kind: string;
  /** JSON. */
  payload: object;
  /** When to pay it, in ms since the epoch. */
  dueAt: number;
}

/** Records a debt that no write makes, such as repeating what only Redis was told. 1 statement. */
export async function owe(
  { database, system }: { database: Database; system: System },
  { tenant, kind, payload, dueAt }: LateDebt,
): Promise<void> {
  const client = await database.client();
  const data = { id: system.rowId('out'), tenantId: tenant, kind, payload, dueAt: new Date(dueAt) };
  await client.outbox.create({ data: { ...data, createdAt: new Date(system.now()) } });
}

/** What a drain did. */
export interface DrainResult {
  /** Rows paid. */
  settled: number;
  /** Rows that failed and will be tried again. */
  failed: number;
}

interface OwedRow {
  id: string;
  tenant_id: string;
  kind: string;
  payload: unknown;
  attempts: number;
}

/**
 * Pays what is due, oldest first. Rows are taken with a lock that ends by itself, so drains may overlap, and a drain
 * that dies leaves its rows to the next.
 * @param limit the most rows to take in one call.
 */
export async function drainOutbox(
  services: { database: Database; invalidator: Invalidator; system: System; payers?: Payers },
  limit = 100,
): Promise<DrainResult> {
  const { database, invalidator, system } = services;
  const payers: Payers = {
    ...services.payers,
    [INVALIDATE]: invalidationPayer(invalidator),
    [SECOND_LOOK]: secondLookPayer(invalidator),
  };
  const client = await database.client();
  const now = new Date(system.now());
  const rows = await client.$queryRaw<OwedRow[]>`
    UPDATE outbox SET locked_until = ${new Date(now.getTime() + LOCK_MS)}, attempts = attempts + 1
    WHERE id IN (
      SELECT id FROM outbox
      WHERE due_at <= ${now} AND (locked_until IS NULL OR locked_until < ${now})
      ORDER BY due_at LIMIT ${limit} FOR UPDATE SKIP LOCKED)
    RETURNING id, tenant_id, kind, payload, attempts`;
  if (rows.length === 0) return { settled: 0, failed: 0 };

  const debts = rows.map(({ id, tenant_id, kind, payload }) => ({ id, tenant: tenant_id, kind, payload }));
  const outcomes = await payAll(debts, payers);
  const settled = rows.filter((_row, index) => outcomes[index]?.status === 'fulfilled');
  const kept = settled.filter(({ kind }) => kind === INVALIDATE).map(({ id }) => id);
  const paid = settled.filter(({ kind }) => kind !== INVALIDATE).map(({ id }) => id);
  if (kept.length > 0) await keepForSecondLook(client, kept, system.now());
  if (paid.length > 0) await client.outbox.deleteMany({ where: { id: { in: paid } } });

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
