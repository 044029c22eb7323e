/**
 * One Prisma client for a whole process, for Node and Lambda. A client costs about 8 ms and a copy of the query
 * compiler that is never freed, so the client must outlive the request. AsyncLocalStorage shows which scope sent a
 * statement. This pool is not for workerd, where a socket may serve only one request: see `isolate-pool.ts`.
 */
import { AsyncLocalStorage } from 'node:async_hooks';
import type { SqlDriverAdapter } from '@prisma/driver-adapter-utils';
import type { PrismaClient } from '#prisma';
import type { SqlValue } from '../sql/index.ts';
import { connect } from './connect.ts';
import { measure, meterAdapter, type QueryMeter } from './meter.ts';

/** The connections of a pool at the present. */
export interface PoolUse {
  /** Open connections that run or hold a statement or a transaction. */
  readonly inUse: number;
  /** Open connections without work. */
  readonly idle: number;
  /** Statements and transactions that wait for a connection. */
  readonly waiting: number;
  /** The maximum number of open connections. */
  readonly most: number;
}

/** The part of the database that all scopes share: it lends each scope a client. */
export interface DatabasePool {
  /** Lends a client to a scope. `meter` counts the statements of this client. */
  lend(meter: QueryMeter): Promise<Loan>;
  /** Returns the connections of this process, for a pool of connections. Without I/O. */
  use?(): PoolUse;
  /** Closes all connections, at the end of the process. */
  close(): Promise<void>;
}

/** A client lent to one scope. */
export interface Loan {
  client: PrismaClient;
  /** Sends one statement past Prisma, without its rows; `undefined` until a statement of Prisma has connected. */
  execute?: ((text: string, values: readonly SqlValue[]) => Promise<void>) | undefined;
  /** Returns the client to the pool, at the end of the scope. */
  end(): Promise<void>;
}

export interface DatabasePoolOptions {
  connectionString: string;
  /**
   * The maximum number of connections open at once, 10 by default. Use 2 on Lambda, where one process serves one
   * request.
   */
  maxConnections?: number;
  /** Milliseconds to wait for a connection, 5,000 by default. */
  connectTimeoutMs?: number;
  /** A clock for the meter, in milliseconds from any start. */
  now?: () => number;
}

/** The part of the pool of node-postgres that tells its use, and sends statements. */
type DriverPool = Record<'totalCount' | 'idleCount' | 'waitingCount', number> & {
  query(text: string, values: readonly SqlValue[]): Promise<unknown>;
};

/**
 * Opens a pool, without I/O.
 *
 * Prisma joins the `findUnique` calls of one turn into one statement, even if the calls belong to different scopes. The
 * joined statement counts for the scope of the first call.
 */
export function openDatabasePool({
  connectionString,
  maxConnections = 10,
  connectTimeoutMs,
  now = () => performance.now(),
}: DatabasePoolOptions): DatabasePool {
  const scopes = new AsyncLocalStorage<QueryMeter>();
  let shared: Promise<PrismaClient> | undefined;
  /** The driver's own pool, once the first statement has connected. */
  let driver: DriverPool | undefined;

  return {
    use() {
      const { totalCount = 0, idleCount = 0, waitingCount = 0 } = driver ?? {};
      return { inUse: totalCount - idleCount, idle: idleCount, waiting: waitingCount, most: maxConnections };
    },
    async lend(meter) {
      shared ??= connect({
        connectionString,
        maxConnections,
        connectTimeoutMs,
        wrap: (factory) =>
          meterAdapter(
            factory,
            () => scopes.getStore(),
            now,
            (adapter: SqlDriverAdapter & { underlyingDriver?(): DriverPool }) => {
              driver = adapter.underlyingDriver?.();
            },
          ),
      });
      const client = forScope(await shared, scopes, meter);
      const direct = driver;
      return {
        client,
        execute:
          direct && (async (text, values) => void (await measure(meter, now, text, () => direct.query(text, values)))),
        end: async () => {},
      };
    },
    async close() {
      const client = await shared;
      shared = undefined;
      driver = undefined;
      await client?.$disconnect();
    },
  };
}

/**
 * Returns a view of the client that runs each operation in its scope. The view shares all other state with the client,
 * so creating a view takes only microseconds.
 */
function forScope(client: PrismaClient, scopes: AsyncLocalStorage<QueryMeter>, meter: QueryMeter): PrismaClient {
  const view = client.$extends({
    query: { $allOperations: ({ args, query }) => scopes.run(meter, async () => query(args)) },
  });
  // Prisma types an extended client without $on and $use; nothing else differs.
  return view as unknown as PrismaClient;
}
