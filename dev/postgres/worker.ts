/**
 * The thread that PGlite lives in: a query blocks the thread it runs on, and must not hold up the Redis and QStash parts.
 * It tells its parent when it listens (or why not) and stops when told to.
 */
import { setFlagsFromString } from 'node:v8';
import { parentPort, workerData } from 'node:worker_threads';
import { startPostgresServer } from './server.ts';
import { createDatabase, openDatabaseIn } from './snapshot.ts';

/** What the parent passes in. */
export interface PostgresWorkerData {
  port: number;
  waitLimitMs: number;
  /** Where the data is kept; undefined for in memory. */
  folder: string | undefined;
  /** The name of the schema that a new database has if it can. */
  schema: string | undefined;
}

/** What the parent hears. `lacksSchema` is a database that was made just now and is empty. */
export type PostgresWorkerMessage =
  | { listening: number; lacksSchema: boolean }
  | { failed: { message: string; code?: string } }
  | 'kept';

/** What the parent asks: to keep the database, which has the schema now, for later ones; to end. */
export type PostgresWorkerRequest = 'keep' | 'close';

const { port, waitLimitMs, folder, schema } = workerData as PostgresWorkerData;
const parent = parentPort;
if (parent === null) throw new Error('this file is the entry of a worker thread');

const say = (message: PostgresWorkerMessage): void => parent.postMessage(message);

// Optimising the code of the engine takes a second or two of both cores, which only a database that lives long gives back. V8
// counts what a function has executed (13 MB by default), and reads the limit when the engine is loaded.
setFlagsFromString('--wasm-tiering-budget=200000000');

try {
  const { database, keep } = await (folder === undefined ? createDatabase(schema) : openDatabaseIn(folder, schema));
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
  say({ listening: server.port, lacksSchema: keep !== undefined });
  parent.on('message', async (request: PostgresWorkerRequest) => {
    if (request === 'keep') {
      await keep?.();
      return say('kept');
    }
    await server.close();
    await database.close();
    parent.close();
  });
} catch (error) {
  const { message, code } = error as NodeJS.ErrnoException;
  say({ failed: { message, ...(code !== undefined && { code }) } });
  parent.close();
}
