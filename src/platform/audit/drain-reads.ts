/**
 * Moves the log of audited reads into the audit trail. An entry is inserted first and removed from the log afterwards,
 * and its id follows from its place in the log, so a drain may crash, repeat, or run beside another one.
 */
import { Buffer } from 'node:buffer';
import { createHash } from 'node:crypto';
import { encodeTime } from 'ulid';
import { type AuditFields, auditCommitment, auditLeaf } from '../outbox/index.ts';
import { type LogEntry, oldestReads, parseRead, type ReadActor, removeReads } from '../read-log/index.ts';
import type { RedisClient, Sealer } from '../redis/index.ts';
import { userOfLogged } from '../sessions/index.ts';
import type { SqlStore } from '../sql/index.ts';
import type { System } from '../system.ts';

/** The services of a drain. */
export interface Draining {
  redis: RedisClient;
  store: SqlStore;
  system: System;
  sealer: Sealer | null;
}

/** The maximum number of entries that one step moves. */
export const LARGEST_DRAIN = 500;

/**
 * Moves the oldest entries of a tenant's log. 2 Redis requests and 1 statement.
 * @returns the number of entries that were taken.
 */
export async function drainReads(
  { redis, store, system, sealer }: Draining,
  tenant: string,
  limit = LARGEST_DRAIN,
): Promise<number> {
  const taken = await oldestReads(redis, tenant, limit);
  if (taken.length === 0) return 0;
  const rows = await Promise.all(taken.map((entry) => rowOf(entry, tenant, { sealer, system })));
  await store.query(INSERT, [JSON.stringify(rows)]);
  const ids = taken.map(({ streamId }) => streamId);
  await removeReads(redis, tenant, ids);
  return taken.length;
}

async function rowOf(
  entry: LogEntry,
  tenantId: string,
  { sealer, system }: Pick<Draining, 'sealer' | 'system'>,
): Promise<object> {
  const read = parseRead(entry.text);
  const at = read?.at ?? Number.parseInt(entry.streamId, 10);
  const actor = read?.actor ?? (await actorOf(entry, sealer));
  const fields: AuditFields = {
    tenantId,
    id: idOf(entry),
    actorType: actor.type,
    actorId: actor.id,
    onBehalf: read?.onBehalf ?? null,
    // An entry that this release cannot read is kept with its text, and not dropped.
    action: read?.action ?? 'read.unreadable',
    outcome: read?.outcome ?? 'failed',
    entityType: read?.entity.type ?? 'unknown',
    entityId: read?.entity.id ?? null,
    patientId: read?.patientId ?? null,
    purpose: read?.purpose ?? null,
    requestId: read?.requestId ?? null,
    ipDigest: read?.ipDigest ?? null,
    occurredAt: new Date(at).toISOString(),
  };
  const data = read ? (read.data ?? {}) : { read: Buffer.from(entry.text).toString('base64') };
  const salt = system.secret();
  const commitment = auditCommitment(salt, data);
  return { ...fields, data, salt, commitment, leaf: auditLeaf(fields, commitment) };
}

async function actorOf({ session }: LogEntry, sealer: Sealer | null): Promise<ReadActor> {
  return { type: 'user', id: session && (await userOfLogged(sealer, session)) };
}

/**
 * Returns the id of an entry: the time of its place in the log, and 80 bits of a digest of the place and the read. The
 * digest covers the read too, because a log that was lost with its Redis may use a place again.
 */
function idOf({ streamId, text }: LogEntry): string {
  const digest = createHash('sha256').update(`${streamId}\0${text}`).digest();
  const random = [...digest.subarray(0, 16)].map((byte) => ALPHABET[byte % 32]).join('');
  return `audit_${encodeTime(Number.parseInt(streamId, 10))}${random}`;
}

/** The alphabet of ULIDs. */
const ALPHABET = '0123456789ABCDEFGHJKMNPQRSTVWXYZ';

const INSERT = `
  INSERT INTO audit_entries (tenant_id, id, actor_type, actor_id, on_behalf, action, outcome, entity_type, entity_id,
    patient_id, purpose, request_id, ip_digest, occurred_at, data, salt, commitment, leaf)
  SELECT "tenantId", id, "actorType", "actorId", "onBehalf", action, outcome, "entityType", "entityId",
    "patientId", purpose, "requestId", "ipDigest", "occurredAt"::timestamp, data, salt, commitment, leaf
  FROM jsonb_to_recordset($1::text::jsonb) AS read ("tenantId" text, id text, "actorType" text, "actorId" text,
    "onBehalf" text, action text, outcome text, "entityType" text, "entityId" text, "patientId" text, purpose text,
    "requestId" text, "ipDigest" text, "occurredAt" text, data jsonb, salt text, commitment text, leaf text)
  ON CONFLICT (tenant_id, id) DO NOTHING`;
