/**
 * Writes of 16 callers of one tenant: a company in each transaction, and an entry about it in one of four ways. The
 * entries of Holdfast are sealed once a second meanwhile. Each way has a tenant of its own, so no seal takes plain rows.
 */
import { createHash } from 'node:crypto';
import type pg from 'pg';
import { createAuditKeys, LARGEST_SEAL, sealBatch } from '../../src/platform/audit/index.ts';
import { insertAuditEntry, type NewAuditEntry } from '../../src/platform/outbox/audit.ts';
import { pgStore } from '../../src/platform/sql/index.ts';
import { realSystem } from '../../src/platform/system.ts';

const CALLERS = 16;
const SEAL_EVERY_MS = 1_000;
const KEYS = createAuditKeys(`bench:${Buffer.alloc(32, 1).toString('base64')}`);

/** The ways to record a write, and their tenants: not at all, a row without digests, Holdfast's entry, a hash chain. */
export const WAYS = ['none', 'plain', 'holdfast', 'chain'] as const;
export type Way = (typeof WAYS)[number];

type Record = (client: pg.PoolClient, entry: NewAuditEntry & { entity: { id: string } }) => Promise<unknown>;

/** The digests of a plain row: constants of the same length as real ones. */
const SALT = 's'.repeat(43);
const DIGEST = 'd'.repeat(64);

/** The row of an entry, with each of its columns. */
const PLAIN = `
  INSERT INTO audit_entries (tenant_id, id, actor_type, actor_id, on_behalf, action, outcome, entity_type, entity_id,
    patient_id, purpose, request_id, ip_digest, occurred_at, data, salt, commitment, leaf)
  VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14::text::timestamp, $15::text::jsonb, $16, $17, $18)`;

function recordsOf(pool: pg.Pool): { [Each in Way]: Record } {
  const store = pgStore(pool);
  return {
    none: async () => undefined,
    plain: (client, { action, entity, data }) => {
      const now = new Date(realSystem.now()).toISOString();
      return client.query(PLAIN, [
        ...['plain', realSystem.rowId('audit'), 'user', 'user_1', null, action, 'ok', entity.type, entity.id],
        ...[null, null, null, null, now, JSON.stringify(data), SALT, DIGEST, DIGEST],
      ]);
    },
    holdfast: (db, entry) =>
      insertAuditEntry(
        { store, db, system: realSystem, tenant: 'holdfast', actorId: 'user_1', apiKeyId: null, requestId: null },
        entry,
      ),
    async chain(client, { entity, data }) {
      const head = await client.query<{ hash: string }>(
        "SELECT hash FROM chain_heads WHERE tenant_id = 'chain' FOR UPDATE",
      );
      const before = head.rows[0]?.hash ?? '';
      const text = JSON.stringify(data);
      const hash = createHash('sha256').update(before).update(entity.id).update(text).digest('hex');
      const values = ['chain', realSystem.rowId('audit'), text, before, hash];
      await client.query('INSERT INTO chain_entries VALUES ($1, $2, $3::text::jsonb, $4, $5)', values);
      await client.query("UPDATE chain_heads SET hash = $1 WHERE tenant_id = 'chain'", [hash]);
    },
  };
}

/** Returns a function that writes in one way for `ms` milliseconds, and returns the writes per second. */
export function writerOf(pool: pg.Pool): (way: Way, ms: number) => Promise<number> {
  const records = recordsOf(pool);
  return async (way, ms) => {
    const end = performance.now() + ms;
    let writes = 0;
    const call = async () => {
      const client = await pool.connect();
      try {
        while (performance.now() < end) {
          const id = realSystem.rowId('company');
          await client.query('BEGIN');
          await client.query(`INSERT INTO companies (tenant_id, id, name, updated_at) VALUES ($1, $2, $2, now())`, [
            way,
            id,
          ]);
          const data = { name: id, fields: ['name', 'domain'] };
          await records[way](client, { action: 'company.created', entity: { type: 'company', id }, data });
          await client.query('COMMIT');
          writes += 1;
        }
      } finally {
        client.release();
      }
    };
    await Promise.all([
      ...Array.from({ length: CALLERS }, call),
      way === 'holdfast' ? sealUntil(pool, end) : undefined,
    ]);
    return (writes * 1_000) / ms;
  };
}

async function sealUntil(pool: pg.Pool, end: number): Promise<void> {
  const store = pgStore(pool);
  while (performance.now() < end) {
    // As in the schedule: a seal that is not full has the last waiting entries, so the next one is made later.
    while ((await sealBatch({ store, system: realSystem, keys: KEYS }, 'holdfast'))?.count === LARGEST_SEAL);
    await realSystem.sleep(Math.min(SEAL_EVERY_MS, Math.max(0, end - performance.now())));
  }
}
