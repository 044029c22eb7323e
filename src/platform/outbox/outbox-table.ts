/** The statements on the table `outbox`. Moments are in ms since the epoch; each function sends 1 statement. */
import type { SqlStore, SqlValue } from '../sql/index.ts';
import { INVALIDATE, type OutboxEntry, SECOND_LOOK } from './outbox-handlers.ts';

/** An entry to insert. */
export interface NewEntry extends OutboxEntry {
  kind: string;
  payload: object;
  createdAt: number;
  dueAt: number;
}

/** An entry that a drain has taken. */
export interface TakenEntry extends OutboxEntry {
  kind: string;
  /** How often drains have taken the entry, this time included. */
  attempts: number;
}

/** Inserts entries, in the transaction `tx` if it is given. */
export async function insertEntries<Tx>(store: SqlStore<Tx>, entries: readonly NewEntry[], tx?: Tx): Promise<void> {
  const rows = entries.map(({ id, tenant, kind, payload, createdAt, dueAt }) => ({
    id,
    tenant,
    kind,
    payload,
    created: moment(createdAt),
    due: moment(dueAt),
  }));
  await (tx === undefined
    ? execute(store, INSERT, [JSON.stringify(rows)])
    : store.query(INSERT, [JSON.stringify(rows)], tx));
}

/** Takes and locks due entries, oldest first. Until `lockedUntil`, no other drain takes these entries. */
export async function takeEntries(
  store: SqlStore,
  { now, lockedUntil, limit }: { now: number; lockedUntil: number; limit: number },
): Promise<TakenEntry[]> {
  return store.query<TakenEntry>(TAKE, [moment(now), moment(lockedUntil), limit]);
}

/** Returns those of the entries whose write has an invalidation that is not settled. Entries of one write have one time. */
export async function unsettledEntries(store: SqlStore, ids: readonly string[]): Promise<string[]> {
  return (await store.query<{ id: string }>(UNSETTLED, [ids, INVALIDATE])).map(({ id }) => id);
}

/** Deletes entries that are done. */
export async function deleteEntries(store: SqlStore, ids: readonly string[]): Promise<void> {
  await execute(store, DELETE, [ids]);
}

/**
 * Changes the kind and the due time of entries, so that the handler of the new kind handles them later. Deletes the
 * entries `done` with the same statement.
 */
export async function keepEntries(
  store: SqlStore,
  { ids, kind, dueAt, done = [] }: { ids: readonly string[]; kind: string; dueAt: number; done?: readonly string[] },
): Promise<void> {
  const values = [ids, kind, moment(dueAt)];
  if (done.length === 0) await store.query(KEEP, values);
  else await store.query(KEEP_AND_DELETE, [...values, done]);
}

/** Unlocks an entry whose handler failed, so that a later drain takes it. */
export async function postponeEntry(
  store: SqlStore,
  { id, dueAt, lastError }: { id: string; dueAt: number; lastError: string },
): Promise<void> {
  await store.query(POSTPONE, [id, moment(dueAt), lastError]);
}

/** Counts the entries that are due, except second checks, and returns the due time of the oldest one. */
export async function countEntries(store: SqlStore, now: number): Promise<{ count: number; oldest: number | null }> {
  const [row] = await store.query<{ count: number; oldest: number | null }>(COUNT, [moment(now), SECOND_LOOK]);
  return { count: row?.count ?? 0, oldest: row?.oldest ?? null };
}

const COUNT = `
  SELECT count(*)::int AS count, (extract(epoch FROM min(due_at)) * 1000)::float8 AS oldest
  FROM outbox WHERE due_at <= $1::timestamp AND kind <> $2`;
const INSERT = `
  INSERT INTO outbox (id, tenant_id, kind, payload, created_at, due_at)
  SELECT id, tenant, kind, payload, created, due
  FROM jsonb_to_recordset($1::jsonb)
    AS entry (id text, tenant text, kind text, payload jsonb, created timestamp(3), due timestamp(3))`;
const TAKE = `
  UPDATE outbox SET locked_until = $2::timestamp, attempts = attempts + 1
  WHERE id IN (
    SELECT id FROM outbox
    WHERE due_at <= $1::timestamp AND (locked_until IS NULL OR locked_until < $1::timestamp)
    ORDER BY due_at LIMIT $3::int FOR UPDATE SKIP LOCKED)
  RETURNING id, tenant_id AS tenant, kind, payload, attempts`;
const UNSETTLED = `
  SELECT e.id FROM outbox e JOIN outbox i ON i.tenant_id = e.tenant_id AND i.created_at = e.created_at AND i.kind = $2
  WHERE e.id = ANY($1::text[])`;
const DELETE = 'DELETE FROM outbox WHERE id = ANY($1::text[])';
const KEEP = `
  UPDATE outbox SET kind = $2, due_at = $3::timestamp, locked_until = NULL, attempts = 0
  WHERE id = ANY($1::text[])`;
const KEEP_AND_DELETE = `
  WITH done AS (DELETE FROM outbox WHERE id = ANY($4::text[])) ${KEEP}`;
const POSTPONE = `
  UPDATE outbox SET due_at = $2::timestamp, locked_until = NULL, last_error = $3 WHERE id = $1`;

async function execute<Tx>(store: SqlStore<Tx>, text: string, values: readonly SqlValue[]): Promise<void> {
  await (store.execute ? store.execute(text, values) : store.query(text, values));
}

function moment(ms: number): string {
  return new Date(ms).toISOString();
}
