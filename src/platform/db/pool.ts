/**
 * One Prisma client for a whole process, for Node and Lambda. A client costs about 8 ms and a copy of the query
 * compiler that is never freed, so the client must outlive the request. AsyncLocalStorage tells the scope of each
 * statement. This pool is not for workerd, where a socket may serve only one request: see `isolate-pool.ts`.
 */
import { AsyncLocalStorage } from 'node:async_hooks';
import type { PrismaClient } from '#prisma';
import { connect } from './connect.ts';
import { meterAdapter, type QueryMeter } from './meter.ts';

/** The part of the database that all scopes share: it lends each scope a client. */
export interface DatabasePool {
  /** Lends a scope a client whose statements count on `meter`. */
  lend(meter: QueryMeter): Promise<Loan>;
  /** Closes all connections, at the end of the process. */
  close(): Promise<void>;
}

/** A client lent to one scope. */
export interface Loan {
  client: PrismaClient;
  /** Returns the client to the pool, at the end of the scope. */
  end(): Promise<void>;
}

export interface DatabasePoolOptions {
  connectionString: string;
  /** The most connections open at once, 10 by default. Use 2 on Lambda, where one process serves one request. */
  maxConnections?: number;
  /** Milliseconds to wait for a connection, 5,000 by default. */
  connectTimeoutMs?: number;
  /** Milliseconds from any start, for the meter. */
  now?: () => number;
}

/**
 * Opens a pool, without I/O.
 *
 * A statement of another scope may answer a `findUnique`, because Prisma joins the `findUnique` calls of one turn.
 * The joined statement counts for the scope of the first call.
 */
export function openDatabasePool({
  connectionString,
  maxConnections = 10,
  connectTimeoutMs,
  now = () => performance.now(),
}: DatabasePoolOptions): DatabasePool {
  const scopes = new AsyncLocalStorage<QueryMeter>();
  let shared: Promise<PrismaClient> | undefined;

  return {
    async lend(meter) {
      shared ??= connect({
        connectionString,
        maxConnections,
        connectTimeoutMs,
        wrap: (factory) => meterAdapter(factory, () => scopes.getStore(), now),
      });
      return { client: forScope(await shared, scopes, meter), end: async () => {} };
    },
    async close() {
      const client = await shared;
      shared = undefined;
      await client?.$disconnect();
    },
  };
}

/**
 * Returns a view of the client that runs each operation in its scope. A view shares all else; it costs microseconds.
 */
function forScope(client: PrismaClient, scopes: AsyncLocalStorage<QueryMeter>, meter: QueryMeter): PrismaClient {
  const view = client.$extends({
    query: { $allOperations: ({ args, query }) => scopes.run(meter, async () => query(args)) },
  });
  // Prisma types an extended client without $on and $use; nothing else differs.
  return view as unknown as PrismaClient;
}
