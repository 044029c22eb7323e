/**
 * Makes a Prisma client over node-postgres. Both are imported here, when first needed, and nowhere else: a request
 * that Redis answers neither loads nor parses them.
 */
import type { SqlDriverAdapterFactory } from '@prisma/driver-adapter-utils';
import type { PrismaClient } from '#prisma';

export interface ConnectOptions {
  /** `postgresql://user:password@host:port/database`, or a Hyperdrive binding's `connectionString`. */
  connectionString: string;
  /** Most connections open at once. */
  maxConnections: number;
  /** Milliseconds to wait for a connection, from the pool or the network. Default: {@link CONNECT_TIMEOUT_MS}. */
  connectTimeoutMs?: number | undefined;
  /** Wraps the driver adapter. */
  wrap: (factory: SqlDriverAdapterFactory) => SqlDriverAdapterFactory;
}

/** Connections of one scope: enough for its parallel reads; workerd allows six in all, Redis's included. */
export const scopeConnections = 3;

/** How long a connection is waited for unless told otherwise, in ms. */
export const CONNECT_TIMEOUT_MS = 5_000;

/**
 * Milliseconds to wait for one statement. This limit is the client's: poolers such as PgBouncer refuse
 * `statement_timeout` at connection, so set the server's own with `ALTER ROLE app SET statement_timeout = '10s'`.
 */
export const statementTimeout = 10_000;

/** Makes a client. Connections are opened by its first statement and closed by `$disconnect()`. */
export async function connect({ wrap, ...options }: ConnectOptions): Promise<PrismaClient> {
  return makeClient(wrap(await openDriver(options)), options.connectTimeoutMs);
}

/** Makes a driver adapter. Each `connect()` is a pool of connections of its own, opened by its first statement. */
export async function openDriver({
  connectionString,
  maxConnections,
  connectTimeoutMs = CONNECT_TIMEOUT_MS,
}: Omit<ConnectOptions, 'wrap'>): Promise<SqlDriverAdapterFactory> {
  const { PrismaPg } = await import('@prisma/adapter-pg');
  return new PrismaPg({
    connectionString,
    max: maxConnections,
    connectionTimeoutMillis: connectTimeoutMs,
    query_timeout: statementTimeout,
    keepAlive: true,
    allowExitOnIdle: true,
  });
}

/** Makes a client over a driver adapter. */
export async function makeClient(
  adapter: SqlDriverAdapterFactory,
  connectTimeoutMs = CONNECT_TIMEOUT_MS,
): Promise<PrismaClient> {
  const { PrismaClient } = await import('#prisma');
  return new PrismaClient({
    adapter,
    // Every other format prints the arguments of the failed call, row values included.
    errorFormat: 'minimal',
    transactionOptions: { maxWait: connectTimeoutMs, timeout: statementTimeout },
  });
}
