/**
 * Makes a Prisma client over node-postgres. The two libraries are loaded at their first use: a request that Redis
 * answers neither loads nor parses them.
 */
import type { SqlDriverAdapterFactory } from '@prisma/driver-adapter-utils';
import { loadLibraries } from '#database';
import type { PrismaClient } from '#prisma';

export interface ConnectOptions {
  /** `postgresql://user:password@host:port/database`, or a Hyperdrive binding's `connectionString`. */
  connectionString: string;
  /** The maximum number of connections that are open at once. */
  maxConnections: number;
  /** Milliseconds to wait for a connection, from the pool or the network. Default: {@link CONNECT_TIMEOUT_MS}. */
  connectTimeoutMs?: number | undefined;
  /** Wraps the driver adapter, for example to count its statements. */
  wrap: (factory: SqlDriverAdapterFactory) => SqlDriverAdapterFactory;
}

/**
 * The maximum number of connections of one scope: enough for parallel reads. workerd allows six open connections, those
 * to Redis included.
 */
export const scopeConnections = 3;

/** The default time limit for a connection, in ms. */
export const CONNECT_TIMEOUT_MS = 5_000;

/**
 * Milliseconds to wait for one statement. The client applies this limit, because poolers such as PgBouncer refuse the
 * option `statement_timeout` of a connection. For a limit on the server, use `ALTER ROLE app SET statement_timeout =
 * '10s'`.
 */
export const statementTimeout = 10_000;

/** Makes a client. The client's first statement opens connections, and `$disconnect()` closes them. */
export async function connect({ wrap, ...options }: ConnectOptions): Promise<PrismaClient> {
  return makeClient(wrap(await openDriver(options)), options.connectTimeoutMs);
}

/** Makes a driver adapter. Each `connect()` makes a separate pool, whose first statement opens connections. */
export async function openDriver({
  connectionString,
  maxConnections,
  connectTimeoutMs = CONNECT_TIMEOUT_MS,
}: Omit<ConnectOptions, 'wrap'>): Promise<SqlDriverAdapterFactory> {
  const { PrismaPg } = await loadLibraries();
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
  const { PrismaClient } = await loadLibraries();
  return new PrismaClient({
    adapter,
    // Every other format prints the arguments of the failed call, row values included.
    errorFormat: 'minimal',
    transactionOptions: { maxWait: connectTimeoutMs, timeout: statementTimeout },
  });
}
