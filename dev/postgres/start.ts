/**
 * The embedded Postgres: PGlite (Postgres in WebAssembly), with its data in memory or in a folder. It runs in a thread
 * of its own that listens on a socket. Any Postgres client can connect. Transactions of different connections run one
 * after another (see `postgres/gate.ts`).
 */
import { once } from 'node:events';
import { Worker } from 'node:worker_threads';
import { LOOPBACK } from '../http/server.ts';
import type { PostgresWorkerData, PostgresWorkerMessage, PostgresWorkerRequest } from './worker.ts';

/** A running embedded Postgres. */
export interface EmbeddedPostgres {
  /** A connection string; the user and database are always `postgres`. */
  url: string;
  port: number;
  /**
   * Keeps a snapshot of the database, with which later databases of the same `schema` begin. Present only for a new,
   * empty database. The caller must first create the schema and close its connections.
   */
  keep?: () => Promise<void>;
  /** Closes every connection. Data in memory is lost. */
  close(): Promise<void>;
}

/** Options of {@link startPostgres}. */
export interface PostgresOptions {
  /** The port; 0 (the default) for any free port. */
  port?: number;
  /**
   * The time in ms after which a query that waits for another connection's transaction fails with 55P03; default
   * 60,000.
   */
  waitLimitMs?: number;
  /** The folder for the data; by default the data is in memory. One process at a time may use a folder. */
  folder?: string;
  /**
   * The name of a schema. If a snapshot of this schema was kept (see `keep`), a new database has the schema; otherwise
   * a new database is empty.
   */
  schema?: string;
  /** Receives the error of a thread that ends before `close` was called. */
  onCrash?: (error: Error) => void;
}

/**
 * Starts a new database, or the database in the folder. The start takes about half a second. The first start on a
 * machine takes three seconds.
 *
 * @throws an error with code `EADDRINUSE` when the port is taken
 */
export async function startPostgres(options: PostgresOptions = {}): Promise<EmbeddedPostgres> {
  const { port = 0, waitLimitMs = 60_000, folder, schema } = options;
  const workerData: PostgresWorkerData = { port, waitLimitMs, folder, schema };
  const worker = new Worker(new URL('./worker.ts', import.meta.url), { workerData });
  const exited = new Promise<number>((resolve) => worker.once('exit', resolve));

  const first = await Promise.race([
    once(worker, 'message') as Promise<[PostgresWorkerMessage]>,
    exited.then((code): never => {
      throw new Error(`the database thread ended with code ${code} before it listened`);
    }),
  ]).then(([message]) => message);
  if (first === 'kept') throw new Error('the database thread kept an unrequested snapshot');
  if ('failed' in first) {
    throw Object.assign(new Error(first.failed.message), { code: first.failed.code });
  }

  let closing: Promise<void> | undefined;
  const crashed = (error: Error): void => {
    if (closing === undefined) options.onCrash?.(error);
  };
  worker.on('error', crashed);
  void exited.then((code) => crashed(new Error(`the database thread ended with code ${code}`)));

  const ask = (request: PostgresWorkerRequest): void => worker.postMessage(request);
  const keep = async (): Promise<void> => {
    ask('keep');
    await Promise.race([once(worker, 'message'), exited]);
  };
  const close = async (): Promise<void> => {
    ask('close');
    await exited;
  };
  return {
    url: `postgres://postgres:postgres@${LOOPBACK}:${first.listening}/postgres`,
    port: first.listening,
    ...(first.lacksSchema && { keep }),
    close: () => {
      closing ??= close();
      return closing;
    },
  };
}
