/**
 * The embedded Postgres: PGlite (Postgres in WebAssembly) in memory or in a folder, behind a socket, in a thread of its own. Any Postgres
 * client can use it; transactions of different connections run one after the other (see `postgres/gate.ts`).
 */
import { once } from 'node:events';
import { Worker } from 'node:worker_threads';
import { LOOPBACK } from './http-server.ts';
import type { PostgresWorkerData, PostgresWorkerMessage } from './postgres/worker.ts';

/** A running embedded Postgres. */
export interface EmbeddedPostgres {
  /** A connection string; the user and database are always `postgres`. */
  url: string;
  port: number;
  /** Ends every connection. Data in memory is gone then. */
  close(): Promise<void>;
}

/** Options of {@link startPostgres}. */
export interface PostgresOptions {
  /** 0 (the default) for any free port. */
  port?: number;
  /** How long a query waits for another connection's transaction before it fails with SQLSTATE 55P03; default 60 s. */
  waitLimitMs?: number;
  /** Where the data is kept; default in memory. One process at a time may use a folder. */
  folder?: string;
  /** Told when the thread dies without having been closed. */
  onCrash?: (error: Error) => void;
}

/**
 * Starts an empty database, or the one in the folder: about half a second, three seconds the first time on a machine.
 *
 * @throws an error with code `EADDRINUSE` when the port is taken
 */
export async function startPostgres(options: PostgresOptions = {}): Promise<EmbeddedPostgres> {
  const { port = 0, waitLimitMs = 60_000, folder } = options;
  const workerData: PostgresWorkerData = { port, waitLimitMs, folder };
  const worker = new Worker(new URL('./postgres/worker.ts', import.meta.url), { workerData });
  const exited = new Promise<number>((resolve) => worker.once('exit', resolve));

  const first = await Promise.race([
    once(worker, 'message') as Promise<[PostgresWorkerMessage]>,
    exited.then((code): never => {
      throw new Error(`the database thread ended with code ${code} before it listened`);
    }),
  ]).then(([message]) => message);
  if ('failed' in first) {
    throw Object.assign(new Error(first.failed.message), { code: first.failed.code });
  }

  let closing: Promise<void> | undefined;
  const crashed = (error: Error): void => {
    if (closing === undefined) options.onCrash?.(error);
  };
  worker.on('error', crashed);
  void exited.then((code) => crashed(new Error(`the database thread ended with code ${code}`)));

  const close = async (): Promise<void> => {
    worker.postMessage('close');
    await exited;
  };
  return {
    url: `postgres://postgres:postgres@${LOOPBACK}:${first.listening}/postgres`,
    port: first.listening,
    close: () => {
      closing ??= close();
      return closing;
    },
  };
}
