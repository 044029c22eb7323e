/**
 * The outbox: what a write owes the world (invalidations now; jobs and events later), stored in the write's own SQL
 * transaction. The writer pays at once after its commit and deletes the row; whatever it could not pay stays here, and
 * the drain pays it. So a crash between any two steps loses nothing.
 */
import { type Tag, versionKey } from '../redis/index.ts';
import type { System } from '../system.ts';
import type { Database } from './client.ts';
import type { Invalidator } from './invalidator.ts';

/** How long the drain leaves a row to its writer, in ms. */
export const WRITERS_TIME_MS = 5_000;
/** How long a drain may work on the rows it took before another may take them, in ms. */
const LOCK_MS = 30_000;

/** An invalidation that is owed: the tags, and the writer whose marker stands on them. */
export interface InvalidationPayload {
  writer: string;
  tags: Tag[];
}

/** What a drain did. */
export interface DrainResult {
  /** Rows paid and deleted. */
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
  services: { database: Database; invalidator: Invalidator; system: System },
  limit = 100,
): Promise<DrainResult> {
  const { database, invalidator, system } = services;
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

  // Issued in one turn, so they leave as one request.
  const outcomes = await Promise.allSettled(rows.map((row) => pay(row, invalidator)));
  const settled = rows.filter((_row, index) => outcomes[index]?.status === 'fulfilled');
  if (settled.length > 0) await client.outbox.deleteMany({ where: { id: { in: settled.map(({ id }) => id) } } });

  for (const [index, outcome] of outcomes.entries()) {
    const row = rows[index];
    if (outcome.status === 'fulfilled' || !row) continue;
    const dueAt = new Date(now.getTime() + Math.min(60_000, 1000 * 2 ** row.attempts));
    const data = { dueAt, lockedUntil: null, lastError: codeOf(outcome.reason) };
    await client.outbox.updateMany({ where: { id: row.id }, data });
  }
  return { settled: settled.length, failed: rows.length - settled.length };
}

async function pay(row: OwedRow, invalidator: Invalidator): Promise<void> {
  if (row.kind !== 'invalidate') throw new Error(`Unknown outbox kind ${row.kind}`);
  const { tags, writer } = row.payload as InvalidationPayload;
  await invalidator.settle(
    tags.map((each) => versionKey(row.tenant_id, each)),
    writer,
  );
}

function codeOf(error: unknown): string {
  return error instanceof Error && 'code' in error ? String(error.code) : 'UNKNOWN';
}
