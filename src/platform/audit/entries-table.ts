/** Reads of the audit trail. Each function sends 1 statement. Times are ISO 8601 in UTC. */
import type { AuditFields, Transaction } from '../outbox/index.ts';
import type { SqlStore, SqlValue } from '../sql/index.ts';
import type { Seal } from './seal-form.ts';

/** An entry as the table has it. */
export interface AuditEntry extends AuditFields {
  /** `null` after an erasure. */
  data: object | null;
  salt: string | null;
  /** `null` for entries from before the seals, until they are sealed. */
  commitment: string | null;
  leaf: string | null;
  /** The seal of the entry, and the place in its tree; `null` until the entry is sealed. */
  seal: number | null;
  position: number | null;
}

const moment = (column: string) => `to_char(${column}, 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"')`;

const ENTRY = `tenant_id AS "tenantId", id, actor_type AS "actorType", actor_id AS "actorId", on_behalf AS "onBehalf",
  action, outcome, entity_type AS "entityType", entity_id AS "entityId", patient_id AS "patientId", purpose,
  request_id AS "requestId", ip_digest AS "ipDigest", ${moment('occurred_at')} AS "occurredAt", data, salt, commitment,
  leaf, seal, position`;

const SEAL = `tenant_id AS "tenantId", seal, count, root, prev_hash AS "prevHash", hash, ${moment('first_at')} AS "firstAt",
  ${moment('last_at')} AS "lastAt", ${moment('sealed_at')} AS "sealedAt", key_id AS "keyId", signature`;

/** The conditions of a search. Every condition is optional. */
export interface EntrySearch {
  actorId?: string | undefined;
  action?: string | undefined;
  outcome?: string | undefined;
  entityType?: string | undefined;
  entityId?: string | undefined;
  /**
   * Only entries with this id and later ones (`firstId`), and only entries before this id (`beforeId`). Ids sort by
   * time.
   */
  firstId?: string | undefined;
  beforeId?: string | undefined;
}

/** Reads entries, the newest first. */
export function searchEntries(
  store: SqlStore,
  tenant: string,
  search: EntrySearch,
  limit: number,
): Promise<AuditEntry[]> {
  const values: SqlValue[] = [tenant];
  const conditions = ['tenant_id = $1'];
  const add = (condition: string, value: string | undefined) => {
    if (value === undefined) return;
    values.push(value);
    conditions.push(`${condition} $${values.length}`);
  };
  add('actor_id =', search.actorId);
  add('action =', search.action);
  add('outcome =', search.outcome);
  add('entity_type =', search.entityType);
  add('entity_id =', search.entityId);
  add('id >=', search.firstId);
  add('id <', search.beforeId);
  values.push(limit);
  const where = conditions.join(' AND ');
  return store.query(
    `SELECT ${ENTRY} FROM audit_entries WHERE ${where} ORDER BY id DESC LIMIT $${values.length}::int`,
    values,
  );
}

/**
 * Reads the entries that concern patients, the newest first: entries about one of them, and those whose data have their
 * ids in the list `patients`.
 */
export function entriesOfPatient(
  store: SqlStore,
  tenant: string,
  patientIds: readonly string[],
  { beforeId, limit }: { beforeId?: string | undefined; limit: number },
): Promise<AuditEntry[]> {
  const end = `AND ($3::text IS NULL OR id < $3::text) ORDER BY id DESC LIMIT $4::int`;
  return store.query(
    `SELECT ${ENTRY} FROM audit_entries WHERE tenant_id = $1 AND id IN (
       (SELECT id FROM audit_entries WHERE tenant_id = $1 AND patient_id = ANY ($2::text[]) ${end})
       UNION (SELECT id FROM audit_entries WHERE tenant_id = $1 AND data ? 'patients' AND data -> 'patients' ?| $2::text[] ${end})
     ) ORDER BY id DESC LIMIT $4::int`,
    [tenant, [...patientIds], beforeId ?? null, limit],
  );
}

/** Reads one entry; `undefined` if it does not exist. */
export async function readEntry(store: SqlStore, tenant: string, id: string): Promise<AuditEntry | undefined> {
  const rows = await store.query<AuditEntry>(`SELECT ${ENTRY} FROM audit_entries WHERE tenant_id = $1 AND id = $2`, [
    tenant,
    id,
  ]);
  return rows[0];
}

/** Reads the entries of a seal, in the order of their positions. */
export function readSealed(store: SqlStore, tenant: string, seal: number): Promise<AuditEntry[]> {
  return store.query(
    `SELECT ${ENTRY} FROM audit_entries WHERE seal = $2::int AND tenant_id = $1 ORDER BY position, id`,
    [tenant, seal],
  );
}

/** An entry that waits for its seal, as far as a seal needs it. */
export type Unsealed = Pick<AuditEntry, 'id' | 'occurredAt' | 'leaf'>;

/**
 * Reads what a seal needs of entries that no seal has. Their order is that of the index of seals, so that no plan walks
 * the entries that have one.
 */
export function readLeaves<Tx>(store: SqlStore<Tx>, tenant: string, limit: number, tx: Tx): Promise<Unsealed[]> {
  return store.query(
    `SELECT id, ${moment('occurred_at')} AS "occurredAt", leaf FROM audit_entries
    WHERE seal IS NULL AND tenant_id = $1 ORDER BY seal, position LIMIT $2::int`,
    [tenant, limit],
    tx,
  );
}

/** Reads entries that no seal has, in the order of their ids. */
export function readUnsealed<Tx>(store: SqlStore<Tx>, tenant: string, limit: number, tx?: Tx): Promise<AuditEntry[]> {
  return store.query(
    `SELECT ${ENTRY} FROM audit_entries WHERE seal IS NULL AND tenant_id = $1 ORDER BY id LIMIT $2::int`,
    [tenant, limit],
    tx,
  );
}

/** Reads the tenants that have entries without a seal, by id, after the given one. */
export async function tenantsToSeal(store: SqlStore, after: string, limit: number): Promise<string[]> {
  const rows = await store.query<{ id: string }>(
    `SELECT DISTINCT tenant_id AS id FROM audit_entries WHERE seal IS NULL AND tenant_id > $1 ORDER BY id LIMIT $2::int`,
    [after, limit],
  );
  return rows.map(({ id }) => id);
}

/** Reads seals from the given number on, in ascending order. */
export function readSeals(store: SqlStore, tenant: string, from: number, limit: number): Promise<Seal[]> {
  return store.query(
    `SELECT ${SEAL} FROM audit_seals WHERE tenant_id = $1 AND seal >= $2::int ORDER BY seal LIMIT $3::int`,
    [tenant, from, limit],
  );
}

/** Reads seals with numbers below the given one, in descending order. */
export function readSealsBefore(store: SqlStore, tenant: string, before: number, limit: number): Promise<Seal[]> {
  return store.query(
    `SELECT ${SEAL} FROM audit_seals WHERE tenant_id = $1 AND seal < $2::int ORDER BY seal DESC LIMIT $3::int`,
    [tenant, before, limit],
  );
}

/** The number of the last seal of a tenant that is kept outside the database; 0 for none. */
export interface OutsideState {
  /** The newest seal. */
  head: number;
  /** The newest seal in the bucket. */
  anchored: number;
  /** The newest seal that was mailed, and the day of the mail in UTC, such as `2026-11-30`. */
  mailed: number;
  mailedOn: string | null;
}

/** Reads which seals were kept outside the database; `undefined` if the tenant has no seal. */
export async function readOutsideState(store: SqlStore, tenant: string): Promise<OutsideState | undefined> {
  const rows = await store.query<OutsideState>(
    `SELECT head, anchored, mailed, mailed_on::text AS "mailedOn" FROM audit_anchors WHERE tenant_id = $1`,
    [tenant],
  );
  return rows[0];
}

/** Reads the newest seal; `undefined` if the tenant has none. */
export async function readHead<Tx>(store: SqlStore<Tx>, tenant: string, tx?: Tx): Promise<Seal | undefined> {
  const rows = await store.query<Seal>(
    `SELECT ${SEAL} FROM audit_seals WHERE tenant_id = $1 ORDER BY seal DESC LIMIT 1`,
    [tenant],
    tx,
  );
  return rows[0];
}

/** Reads the tenants whose newest seal is not kept outside, by id, after the given one. */
export async function tenantsToAnchor(store: SqlStore, after: string, limit: number): Promise<string[]> {
  const rows = await store.query<{ id: string }>(
    'SELECT tenant_id AS id FROM audit_anchors WHERE anchored < head AND tenant_id > $1 ORDER BY id LIMIT $2::int',
    [after, limit],
  );
  return rows.map(({ id }) => id);
}

/** Reads the tenants with a seal that have had no mail about it on the day (`2026-11-30`) or later, by id. */
export async function tenantsToMail(store: SqlStore, day: string, after: string, limit: number): Promise<string[]> {
  const rows = await store.query<{ id: string }>(
    `SELECT tenant_id AS id FROM audit_anchors
     WHERE (mailed_on IS NULL OR mailed_on < $1::text::date) AND tenant_id > $2 ORDER BY id LIMIT $3::int`,
    [day, after, limit],
  );
  return rows.map(({ id }) => id);
}

/**
 * Notes, in the transaction that queues the mails, that a seal is mailed on a day. Returns `false` if a mail of the day or
 * of a later day is noted: then this transaction must queue none.
 */
export async function markMailed(
  tx: Pick<Transaction, 'query' | 'tenant'>,
  day: string,
  seal: number,
): Promise<boolean> {
  const rows = await tx.query(
    `UPDATE audit_anchors SET mailed_on = $2::text::date, mailed = greatest(mailed, $3::int)
     WHERE tenant_id = $1 AND (mailed_on IS NULL OR mailed_on < $2::text::date) RETURNING tenant_id`,
    [tx.tenant, day, seal],
  );
  return rows.length > 0;
}

/** Notes that a seal is kept outside. */
export async function markAnchored(store: SqlStore, tenant: string, seal: number): Promise<void> {
  const sql = 'UPDATE audit_anchors SET anchored = greatest(anchored, $2::int) WHERE tenant_id = $1';
  await store.query(sql, [tenant, seal]);
}
