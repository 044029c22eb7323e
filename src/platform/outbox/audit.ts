/** Entries of the audit trail, written in the transaction of the write that they tell of: both are made, or neither. */
import type { SqlStore, SqlValue } from '../sql/index.ts';
import type { System } from '../system.ts';
import { type AuditFields, auditCommitment, auditLeaf } from './audit-leaf.ts';

/** An entry of the audit trail, as a write gives it. */
export interface NewAuditEntry {
  /** The action: the noun and the past tense, `job.retried`. */
  action: string;
  /** The object of the action. */
  entity: { type: string; id?: string };
  /** Default: `ok`. */
  outcome?: 'ok' | 'refused' | 'failed';
  /** The user for whom the actor acted. */
  onBehalf?: string;
  /** The patient whom the entry concerns. */
  patientId?: string;
  /** Why the actor did it, for example a purpose of use of HL7: `TREAT`. */
  purpose?: string;
  /** A keyed digest of the caller's address. */
  ipDigest?: string;
  /** JSON: what a reviewer needs. Never a secret. */
  data?: object;
}

/** The circumstances of an entry, which a write does not choose. */
interface Circumstances<Tx> {
  store: SqlStore<Tx>;
  /** The transaction. Default: the entry is a write of its own. */
  db?: Tx;
  system: System;
  tenant: string;
  actorId: string | null;
  apiKeyId: string | null;
  requestId: string | null;
}

/**
 * Inserts an entry, in the transaction `db` if it is given. Its actor is the `user`, else the `machine` with this API
 * key, else the `system`: a job or a schedule. 1 statement.
 */
export async function insertAuditEntry<Tx>(
  { store, db, system, tenant, actorId, apiKeyId, requestId }: Circumstances<Tx>,
  { action, entity, outcome = 'ok', onBehalf, patientId, purpose, ipDigest, data = {} }: NewAuditEntry,
): Promise<void> {
  const fields: AuditFields = {
    tenantId: tenant,
    id: system.rowId('audit'),
    actorType: actorId !== null ? 'user' : apiKeyId !== null ? 'machine' : 'system',
    actorId: actorId ?? apiKeyId,
    onBehalf: onBehalf ?? null,
    action,
    outcome,
    entityType: entity.type,
    entityId: entity.id ?? null,
    patientId: patientId ?? null,
    purpose: purpose ?? null,
    requestId,
    ipDigest: ipDigest ?? null,
    occurredAt: new Date(system.now()).toISOString(),
  };
  const salt = system.secret();
  const text = JSON.stringify(data);
  // The commitment is to the data as they will be read again, without parts that JSON does not have.
  const commitment = auditCommitment(salt, JSON.parse(text) as object);
  const values = [...Object.values(fields), text, salt, commitment, auditLeaf(fields, commitment)];
  await store.query(INSERT, values as SqlValue[], db);
}

const INSERT = `
  INSERT INTO audit_entries (tenant_id, id, actor_type, actor_id, on_behalf, action, outcome, entity_type, entity_id,
    patient_id, purpose, request_id, ip_digest, occurred_at, data, salt, commitment, leaf)
  VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14::text::timestamp, $15::text::jsonb, $16, $17, $18)`;
