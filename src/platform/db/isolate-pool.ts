/**
 * Lends Prisma clients to the scopes of a workerd isolate. On workerd a socket may serve only one request, so each
 * scope opens its own connections. But a client costs 2 MB and about 8 ms of CPU, so scopes borrow a client one after
 * another. Two scopes never share a client at the same time, because Prisma gathers `findUnique` calls with a timer. On
 * workerd the timer ends with the request that set it, and the calls of other requests would never finish.
 */
import type { SqlDriverAdapter, SqlDriverAdapterFactory } from '@prisma/driver-adapter-utils';
import type { PrismaClient } from '#prisma';
import { DatabaseError } from '../sql/index.ts';
import { CONNECT_TIMEOUT_MS, makeClient, openDriver, scopeConnections, statementTimeout } from './connect.ts';
import { meterAdapter } from './meter.ts';
import type { DatabasePool } from './pool.ts';

export interface IsolatePoolOptions {
  /** A Hyperdrive binding's `connectionString`. */
  connectionString: string;
  /** The maximum number of clients kept. Default 8: eight clients and the app take a quarter of an isolate's 128 MB. */
  maxClients?: number;
  /** Milliseconds to wait for a connection, 5,000 by default. */
  connectTimeoutMs?: number;
  /** A clock for the meter, in milliseconds from any start. */
  now?: () => number;
}

/** Milliseconds that a scope waits for an idle client before it makes a new client. */
const PATIENCE = 250;
/** Milliseconds between two checks for an idle client. Each scope polls, because requests cannot share a promise. */
const LOOK_EVERY = 5;
/** A client that uses the connections of its current scope. */
interface Lendable {
  client: PrismaClient;
  /** Sets the connections that the client's statements use from now on. */
  use(connections: SqlDriverAdapter | undefined): void;
}

/** Opens an isolate's pool, without I/O. */
export function openIsolatePool({
  connectionString,
  maxClients = 8,
  connectTimeoutMs = CONNECT_TIMEOUT_MS,
  now = () => performance.now(),
}: IsolatePoolOptions): DatabasePool {
  const idle: Lendable[] = [];
  /** The loans of all clients in use, each with the time at which the loan began. */
  const lent = new Set<{ readonly at: number }>();

  /** Milliseconds after which a client in use counts as lost, because its request was cancelled. */
  const lostAfter = connectTimeoutMs + statementTimeout;
  const isFull = () => [...lent].filter(({ at }) => now() - at < lostAfter).length >= maxClients;

  async function borrow() {
    for (let waited = 0; idle.length === 0 && isFull() && waited < PATIENCE; waited += LOOK_EVERY) {
      await new Promise((resolve) => setTimeout(resolve, LOOK_EVERY));
    }
    const loan = { at: now() };
    // The loan counts before the client exists, because creating a client takes several turns of the event loop.
    lent.add(loan);
    return { loan, lendable: idle.pop() ?? (await makeLendable(connectTimeoutMs)) };
  }

  return {
    async lend(meter) {
      const { loan, lendable } = await borrow();
      const driver = await openDriver({ connectionString, maxConnections: scopeConnections, connectTimeoutMs });
      const connections = await meterAdapter(driver, () => meter, now).connect();
      lendable.use(connections);
      const view = viewOfScope(lendable.client);
      return {
        client: view.client,
        async end() {
          lent.delete(loan);
          if (view.end() && idle.length < maxClients) {
            lendable.use(undefined);
            idle.push(lendable);
          } else {
            await lendable.client.$disconnect();
          }
          await connections.dispose();
        },
      };
    },
    async close() {
      await Promise.all(idle.splice(0).map(({ client }) => client.$disconnect()));
    },
  };
}

/** Makes a client whose driver adapter sends all statements through the connections in use. */
async function makeLendable(connectTimeoutMs: number): Promise<Lendable> {
  let inUse: SqlDriverAdapter | undefined;
  const current = (): SqlDriverAdapter => {
    if (inUse) return inUse;
    throw new DatabaseError('DB_UNAVAILABLE', 'A statement was sent outside a scope.');
  };
  const identity = { provider: 'postgres', adapterName: 'holdfast-isolate' } as const;
  const adapter: SqlDriverAdapterFactory = {
    ...identity,
    connect: async () => ({
      ...identity,
      queryRaw: async (query) => current().queryRaw(query),
      executeRaw: async (query) => current().executeRaw(query),
      executeScript: async (script) => current().executeScript(script),
      startTransaction: async (isolationLevel) => current().startTransaction(isolationLevel),
      getConnectionInfo: () => current().getConnectionInfo?.() ?? { supportsRelationJoins: true },
      // Nothing is closed here: the scope closes its own connections.
      dispose: async () => {},
    }),
  };
  const client = await makeClient(adapter, connectTimeoutMs);
  return {
    client,
    use(connections) {
      inUse = connections;
    },
  };
}

/**
 * Returns a view of the client for one scope, until the scope ends. The view shares all state with the client, so
 * creating a view takes only microseconds.
 */
function viewOfScope(client: PrismaClient) {
  let underWay = 0;
  let ended = false;

  async function run<Result>(operation: () => Promise<Result>): Promise<Result> {
    if (ended) throw new DatabaseError('DB_UNAVAILABLE', 'The database of this scope is closed.');
    underWay++;
    try {
      return await operation();
    } finally {
      underWay--;
    }
  }

  const view = client.$extends({
    query: { $allOperations: ({ args, query }) => run(() => query(args)) },
    client: {
      // The underlying client, not this view, sends the statements of a transaction. So the transaction as a whole
      // counts as one operation of the view.
      $transaction: (...args: Parameters<PrismaClient['$transaction']>) => run(() => client.$transaction(...args)),
    },
  });
  return {
    // Prisma types an extended client without $on and $use; nothing else differs.
    client: view as unknown as PrismaClient,
    /** Ends the view. Returns `true` if no operation was running; then the client may serve another scope. */
    end(): boolean {
      ended = true;
      return underWay === 0;
    },
  };
}
