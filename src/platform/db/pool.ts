/**
 * One Prisma client for a whole process, for Node and Lambda. A client costs about 8 ms and its own copy of the query
 * compiler, which is never given back, so there it must outlive the request; AsyncLocalStorage tells which scope each
 * statement belongs to. Not for workerd, where a socket may not serve two requests: see `isolate-pool.ts`.
 */
import { AsyncLocalStorage } from 'node:async_hooks';
import type { PrismaClient } from '#prisma';
import { connect } from './connect.ts';
import { meterAdapter, type QueryMeter } from './meter.ts';

/** The part of the database that many scopes share, and that each borrows from. */
export interface DatabasePool {
  /** Lends a scope a client whose statements count on `meter`. */
  lend(meter: QueryMeter): Promise<Loan>;
  /** Closes all connections, at the end of the process. */
  close(): Promise<void>;
}

/** A client lent to one scope. */
export interface Loan {
  client: PrismaClient;
  /** Gives it back, at the end of the scope. */
  end(): Promise<void>;
}

export interface DatabasePoolOptions {
  connectionString: string;
  /** Most connections open at once, 10 by default. On Lambda, where one process serves one request, take 2. */
  maxConnections?: number;
  /** Milliseconds to wait for a connection, 5,000 by default. */
  connectTimeoutMs?: number;
  /** Milliseconds from any start, for the meter. */
  now?: () => number;
}

/**
 * Opens a pool, without I/O.
 *
 * A `findUnique` may be answered by the statement of another scope: Prisma gathers those that start in the same turn
 * into one. It then counts for the scope that came first.
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

/** A view of the client that runs each operation in its scope; it shares everything else and costs microseconds. */
function forScope(client: PrismaClient, scopes: AsyncLocalStorage<QueryMeter>, meter: QueryMeter): PrismaClient {
  const view = client.$extends({
    query: { $allOperations: ({ args, query }) => scopes.run(meter, async () => query(args)) },
  });
  // Prisma types an extended client without $on and $use; nothing else differs.
  return view as unknown as PrismaClient;
}
