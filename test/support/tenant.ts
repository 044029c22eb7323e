/**
 * A tenant of one suite's own in the shared database: users, and API keys of every kind. Suites that compare the cache
 * with the database need one, because other suites write to the demo tenants at the same time.
 */
import { createHash, randomBytes } from 'node:crypto';
import pg from 'pg';
import { logRecord } from './log-record.ts';

/** The tenant as a suite gets it. */
export interface OwnTenant {
  id: string;
  keys: Record<'all' | 'readOnly' | 'revoked' | 'expired', string>;
  /** A user of the tenant, as the owner of rows. */
  userId: string;
}

const pools = new Map<string, pg.Pool>();

/** Sends one statement over a separate connection, which is kept for later statements. */
export async function sql<Row extends pg.QueryResultRow>(
  connectionString: string,
  text: string,
  values: unknown[] = [],
): Promise<Row[]> {
  const pool = pools.get(connectionString) ?? openPool(connectionString);
  return (await pool.query<Row>(text, values)).rows;
}

function openPool(connectionString: string): pg.Pool {
  const pool = new pg.Pool({ connectionString, allowExitOnIdle: true });
  // The database may end before the pool does.
  pool.on('error', () => {});
  pools.set(connectionString, pool);
  return pool;
}

/** Creates the tenant. It is never removed: test databases are deleted as a whole. */
export async function createTenant(connectionString: string): Promise<OwnTenant> {
  const id = `t-${randomBytes(8).toString('hex')}`;
  const userId = `user_${randomBytes(8).toString('hex')}`;
  await sql(connectionString, `INSERT INTO tenants VALUES ($1, $1, 'EUR', now(), now())`, [id]);
  await sql(
    connectionString,
    `INSERT INTO users (tenant_id, id, email, name, role, updated_at) VALUES ($1, $2, $2, 'Owner', 'owner', now())`,
    [id, userId],
  );
  const past = new Date('2020-01-01T00:00:00Z');
  return {
    id,
    userId,
    keys: {
      all: await addKey(connectionString, id, { rights: ['*'] }),
      readOnly: await addKey(connectionString, id, { rights: ['crm:read'] }),
      revoked: await addKey(connectionString, id, { rights: ['*'], revokedAt: past }),
      expired: await addKey(connectionString, id, { rights: ['*'], expiresAt: past }),
    },
  };
}

/** Adds an API key to a tenant and returns the whole key. */
export async function addKey(
  connectionString: string,
  tenant: string,
  { rights, revokedAt, expiresAt }: { rights: string[]; revokedAt?: Date; expiresAt?: Date },
): Promise<string> {
  const keyId = randomBytes(6).toString('hex');
  const secret = randomBytes(24).toString('hex');
  const hash = createHash('sha256').update(secret).digest('hex');
  logRecord().secret('API key', secret);
  await sql(
    connectionString,
    `INSERT INTO api_keys (tenant_id, id, name, secret_hash, rights, revoked_at, expires_at, updated_at)
     VALUES ($1, $2, 'test', $3, $4, $5, $6, now())`,
    [tenant, keyId, hash, rights, revokedAt ?? null, expiresAt ?? null],
  );
  return `hf_${tenant}_${keyId}_${secret}`;
}

/** The secret part of a key. */
export function secretOf(key: string): string {
  return key.split('_').at(-1) ?? '';
}
