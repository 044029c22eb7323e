/**
 * The leaf of an audit entry: the digest that a seal commits to.
 *
 *     commitment = SHA-256(salt ‖ 0x00 ‖ canonical data)
 *     leaf       = SHA-256(0x00 ‖ the other fields ‖ commitment)
 *
 * The data can be erased later, together with its salt. The commitment stays, so the leaf and its seal stay valid, and
 * without the salt of 256 bits the erased data cannot be guessed. The byte 0x00 separates leaves from inner nodes of a
 * tree (RFC 9162, section 2.1.1). Data are in canonical form (RFC 8785), because PostgreSQL does not keep the order of
 * keys.
 */
import { createHash } from 'node:crypto';
import canonicalize from 'canonicalize';

/** The fields of an entry that its leaf covers, besides the data. */
export interface AuditFields {
  tenantId: string;
  id: string;
  actorType: string;
  actorId: string | null;
  onBehalf: string | null;
  action: string;
  outcome: string;
  entityType: string;
  entityId: string | null;
  patientId: string | null;
  purpose: string | null;
  requestId: string | null;
  ipDigest: string | null;
  /** ISO 8601 in UTC, with milliseconds. */
  occurredAt: string;
}

/** The form of leaves. A changed form gets a new name. */
const FORM = 'holdfast-audit-1';

/** Returns the commitment to the data of an entry: 64 hexadecimal digits. */
export function auditCommitment(salt: string, data: object): string {
  return createHash('sha256')
    .update(salt)
    .update('\0')
    .update(canonicalize(data) ?? '')
    .digest('hex');
}

/** Returns the leaf of an entry: 64 hexadecimal digits. */
export function auditLeaf(entry: AuditFields, commitment: string): string {
  const fields = [
    ...[FORM, entry.tenantId, entry.id, entry.actorType, entry.actorId, entry.onBehalf, entry.action, entry.outcome],
    ...[entry.entityType, entry.entityId, entry.patientId, entry.purpose, entry.requestId, entry.ipDigest],
    ...[entry.occurredAt, commitment],
  ];
  return createHash('sha256').update('\0').update(JSON.stringify(fields)).digest('hex');
}
