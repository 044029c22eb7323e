/**
 * The thread that PGlite lives in: a query blocks the thread it runs on, and must not hold up the Redis and QStash parts.
 * It tells its parent when it listens (or why not) and stops when told to.
 */
import { parentPort, workerData } from 'node:worker_threads';
import { startPostgresServer } from './server.ts';
import { createDatabase, openDatabaseIn } from './snapshot.ts';

/** What the parent passes in. */
export interface PostgresWorkerData {
  port: number;
  waitLimitMs: number;
  /** Where the data is kept; undefined for in memory. */
  folder: string | undefined;
}

/** What the parent hears. */
export type PostgresWorkerMessage = { listening: number } | { failed: { message: string; code?: string } };

const { port, waitLimitMs, folder } = workerData as PostgresWorkerData;
const parent = parentPort;
if (parent === null) throw new Error('this file is the entry of a worker thread');

const say = (message: PostgresWorkerMessage): void => parent.postMessage(message);

try {
  const database = await (folder === undefined ? createDatabase() : openDatabaseIn(folder));
  const server = await startPostgresServer(
    async (messages) => {
      const answer: Buffer[] = [];
      try {
        // The chunks are views of WebAssembly memory, which the next query overwrites.
        await database.execProtocolRawStream(new Uint8Array(messages), {
          onRawData: (chunk) => answer.push(Buffer.from(chunk)),
        });
      } catch (error) {
        // A failed query is answered in the protocol; an exception is the end of the engine, and so of this thread.
        setImmediate(() => {
          throw error;
        });
        throw error;
      }
      return Buffer.concat(answer);
    },
    { port, waitLimitMs },
  );
  say({ listening: server.port });
  parent.once('message', async () => {
    await server.close();
    await database.close();
    parent.close();
  });
} catch (error) {
  const { message, code } = error as NodeJS.ErrnoException;
  say({ failed: { message, ...(code !== undefined && { code }) } });
  parent.close();
}
