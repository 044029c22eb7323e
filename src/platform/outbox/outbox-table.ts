/** The statements on the table `outbox`. Moments are in ms since the epoch; each function sends 1 statement. */
import type { SqlStore } from '../sql/index.ts';
import type { OutboxEntry } from './outbox-handlers.ts';

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
  await store.query(INSERT, [JSON.stringify(rows)], tx);
}

/** Takes due entries, oldest first, and locks them against other drains. */
export async function takeEntries(
  store: SqlStore,
  { now, lockedUntil, limit }: { now: number; lockedUntil: number; limit: number },
): Promise<TakenEntry[]> {
  return store.query<TakenEntry>(TAKE, [moment(now), moment(lockedUntil), limit]);
}

/** Deletes entries that are done. */
export async function deleteEntries(store: SqlStore, ids: readonly string[]): Promise<void> {
  await store.query(DELETE, [ids]);
}

/** Keeps entries for the handler of another kind, with a new due time. */
export async function keepEntries(
  store: SqlStore,
  { ids, kind, dueAt }: { ids: readonly string[]; kind: string; dueAt: number },
): Promise<void> {
  await store.query(KEEP, [ids, kind, moment(dueAt)]);
}

/** Unlocks an entry whose handler failed, so that a later drain takes it. */
export async function postponeEntry(
  store: SqlStore,
  { id, dueAt, lastError }: { id: string; dueAt: number; lastError: string },
): Promise<void> {
  await store.query(POSTPONE, [id, moment(dueAt), lastError]);
}

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
const DELETE = 'DELETE FROM outbox WHERE id = ANY($1::text[])';
const KEEP = `
  UPDATE outbox SET kind = $2, due_at = $3::timestamp, locked_until = NULL, attempts = 0
  WHERE id = ANY($1::text[])`;
const POSTPONE = `
  UPDATE outbox SET due_at = $2::timestamp, locked_until = NULL, last_error = $3 WHERE id = $1`;

function moment(ms: number): string {
  return new Date(ms).toISOString();
}
