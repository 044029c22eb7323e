/**
 * Opens the database of `DATABASE_URL` for a command, with the same `commit()` as in the app. If
 * `UPSTASH_REDIS_REST_URL` and `UPSTASH_REDIS_REST_TOKEN` are set, a write invalidates the cache at once. Otherwise the
 * outbox keeps the invalidations, and the deployment's schedule handles them within a minute.
 */
import { createInvalidator } from '../src/platform/cache/index.ts';
import { openDatabase, openDatabasePool, type Transaction } from '../src/platform/db/index.ts';
import { createLog } from '../src/platform/log.ts';
import { commit, type Invalidator } from '../src/platform/outbox/index.ts';
import { createBreaker, createRedisMeter, createTransport, RedisClient } from '../src/platform/redis/index.ts';
import { realSystem } from '../src/platform/system.ts';
import { UsageError } from './usage-error.ts';

/** The database of a command. */
export interface DatabasePlace {
  /** Runs a write in a tenant, which may not exist yet. */
  commit<Result>(tenant: string, run: (tx: Transaction) => Promise<Result>): Promise<Result>;
  close(): Promise<void>;
}

/**
 * Opens the database, without I/O.
 * @param requestId the request id of the entries in the audit trail.
 * @throws {UsageError} if `DATABASE_URL` is missing or not a PostgreSQL URL, or a part of Redis' address is missing.
 */
export function openDatabasePlace(
  environment: Readonly<Record<string, string | undefined>>,
  requestId: string,
): DatabasePlace {
  const { DATABASE_URL, UPSTASH_REDIS_REST_URL: url, UPSTASH_REDIS_REST_TOKEN: token } = environment;
  if (!DATABASE_URL) throw new UsageError('Set DATABASE_URL to the database of the deployment');
  if (!/^postgres(ql)?:\/\//.test(DATABASE_URL)) throw new UsageError('DATABASE_URL must be a postgresql:// URL');
  if (Boolean(url) !== Boolean(token)) {
    throw new UsageError('Set both UPSTASH_REDIS_REST_URL and UPSTASH_REDIS_REST_TOKEN, or neither');
  }
  const pool = openDatabasePool({ connectionString: DATABASE_URL });
  const database = openDatabase({ connectionString: DATABASE_URL, pool });
  const pending: Promise<unknown>[] = [];
  const services = {
    requestId,
    store: database.store,
    system: realSystem,
    // The log is dropped, because the command's own output is sufficient.
    log: createLog({ now: realSystem.now, write: () => undefined }),
    after: (work: Promise<unknown>) => void pending.push(work.catch(() => undefined)),
    invalidator: url && token ? invalidatorAt(url, token) : NO_REDIS,
    whenDown: url ? ('strict' as const) : ('available' as const),
  };
  return {
    commit: (tenant, run) => commit({ ...services, tenant }, run),
    async close() {
      await Promise.all(pending);
      await database.close();
      await pool.close();
    },
  };
}

function invalidatorAt(url: string, token: string): Invalidator {
  const { now } = realSystem;
  const meter = createRedisMeter();
  const transport = createTransport({ url, token, timeout: 5_000, meter, breaker: createBreaker({ now }), now });
  return createInvalidator(new RedisClient(transport), realSystem);
}

const refuse = () => Promise.reject(new Error('No Redis was named'));
const NO_REDIS: Invalidator = {
  mark: refuse,
  unmark: refuse,
  settle: refuse,
  end: refuse,
  areEnded: refuse,
  endUnless: refuse,
};
