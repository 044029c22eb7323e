/** A database with the audit trails of some tenants, whose entries a test adds, seals, falsifies and verifies. */
import pg from 'pg';
import { createAuditKeys, sealBatch, type VerifyOptions, verifyTrail } from '../../../src/platform/audit/index.ts';
import { insertAuditEntry, type NewAuditEntry } from '../../../src/platform/outbox/audit.ts';
import { pgStore } from '../../../src/platform/sql/index.ts';
import { realSystem, type System } from '../../../src/platform/system.ts';
import { openMigratedDatabase } from '../db/database.ts';

/** Two keys of tests: the seed is 32 times the same byte. */
const key = (id: string, byte: number) => `${id}:${Buffer.alloc(32, byte).toString('base64')}`;
export const OLD_KEY = key('old', 1);
export const NEW_KEY = key('new', 2);

export const NOW = Date.parse('2026-11-29T12:00:00.000Z');

export type Trail = Awaited<ReturnType<typeof openTrail>>;

export async function openTrail() {
  const database = await openMigratedDatabase();
  const pool = new pg.Pool({ connectionString: database.connectionString, max: 8 });
  // The database may end before a connection has closed.
  pool.on('error', () => {});
  const store = pgStore(pool);
  let at = NOW;
  const system: System = { ...realSystem, now: () => at };
  const keys = createAuditKeys(`${NEW_KEY},${OLD_KEY}`);

  return {
    connectionString: database.connectionString,
    store,
    system,
    keys,
    /** Moves the clock. */
    advance(ms: number) {
      at += ms;
    },
    /** Adds an entry in a transaction of its own. */
    add: (tenant: string, entry: Partial<NewAuditEntry> = {}) =>
      store.transaction((db) =>
        insertAuditEntry(
          { store, db, system, tenant, actorId: 'user_1', apiKeyId: null, requestId: null },
          { action: 'deal.updated', entity: { type: 'deal', id: 'deal_1' }, ...entry },
        ),
      ),
    seal: (tenant: string, signing = keys) => sealBatch({ store, system, keys: signing }, tenant),
    verify: async (tenantId: string, options: Partial<VerifyOptions> = {}) =>
      verifyTrail(store, { tenantId, publicKeys: await keys.publicKeys(), now: at, ...options }),
    /** Sends a statement without the triggers of the trail, as a superuser can. */
    async falsify(sql: string, values: unknown[] = []) {
      const client = await pool.connect();
      try {
        await client.query("SET session_replication_role = 'replica'");
        return await client.query(sql, values);
      } finally {
        await client.query("SET session_replication_role = 'origin'");
        client.release();
      }
    },
    async close() {
      await pool.end();
      await database.close();
    },
  };
}
