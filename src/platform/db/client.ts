/**
 * The database of one scope (one request, one job). The client is made at its first use, so a scope that the cache
 * serves costs nothing here. The meter counts the scope's SQL statements and their time.
 */
import type { PrismaClient } from '#prisma';
import { DatabaseError, prismaStore, type SqlStore, type SqlValue } from '../sql/index.ts';
import { connect, scopeConnections } from './connect.ts';
import { meterAdapter, type QueryMeter } from './meter.ts';
import type { DatabasePool, Loan, PoolUse } from './pool.ts';

export type { PrismaClient, QueryMeter };

/** Prisma inside a transaction: every model, no nested transactions. */
export type TransactionClient = Omit<
  PrismaClient,
  '$connect' | '$disconnect' | '$on' | '$transaction' | '$extends' | '$use'
>;

export interface Database {
  /** Returns the scope's Prisma client. The first call loads Prisma; the first statement connects. */
  client(): Promise<PrismaClient>;
  /** The database as a `SqlStore`, for the rooms of the platform that send SQL. */
  readonly store: SqlStore<TransactionClient>;
  /** The statements of this scope so far. */
  readonly meter: Readonly<QueryMeter>;
  /** Returns the connections of the process; `null` if scopes have connections of their own. Without I/O. */
  poolUse(): PoolUse | null;
  /** Closes the scope's own connections, if any. Call it after the response; a repeated call does no harm. */
  close(): Promise<void>;
}

export interface DatabaseOptions {
  connectionString: string;
  /** The pool that scopes share. Without a pool, each scope makes its own client and connections. */
  pool?: DatabasePool;
  /** A clock for the meter, in milliseconds from any start. */
  now?: () => number;
  /** Counts the statements. Default: a new meter. */
  meter?: QueryMeter;
}

/**
 * Opens the database for one scope, without I/O.
 *
 * @example
 * ```ts
 * const database = openDatabase({ connectionString: env.DATABASE_URL, pool });
 * const client = await database.client();
 * const deals = await client.deal.findMany({ where: { tenantId, stage: 'won' } });
 * log.info({ queries: database.meter.queries });
 * ```
 */
export function openDatabase({
  connectionString,
  pool,
  now = () => performance.now(),
  meter = { queries: 0, ms: 0 },
}: DatabaseOptions): Database {
  let made: Promise<Loan> | undefined;
  let closed = false;

  async function make(): Promise<Loan> {
    if (pool !== undefined) return pool.lend(meter);
    const wrap = (factory: Parameters<typeof meterAdapter>[0]) => meterAdapter(factory, () => meter, now);
    const client = await connect({ connectionString, maxConnections: scopeConnections, wrap });
    return { client, end: () => client.$disconnect() };
  }

  async function client(): Promise<PrismaClient> {
    if (closed) throw new DatabaseError('DB_UNAVAILABLE', 'The database of this scope is closed.');
    made ??= make();
    return (await made).client;
  }

  const store = prismaStore<TransactionClient>(client);

  async function execute(text: string, values: readonly SqlValue[]): Promise<void> {
    await client();
    const direct = (await made)?.execute;
    await (direct ? direct(text, values) : store.query(text, values));
  }

  return {
    meter,
    client,
    store: { ...store, execute },
    poolUse: () => pool?.use?.() ?? null,
    async close() {
      if (closed) return;
      closed = true;
      await (await made)?.end();
    },
  };
}
