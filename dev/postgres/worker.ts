/**
 * The thread of PGlite: a query blocks its thread, and must not delay the Redis and QStash parts. The thread reports
 * to its parent when it listens (or why not) and stops on request.
 */
import { setFlagsFromString } from 'node:v8';
import { parentPort, workerData } from 'node:worker_threads';
import { startPostgresServer } from './server.ts';
import { createDatabase, openDatabaseIn } from './snapshot.ts';

/** The input from the parent. */
export interface PostgresWorkerData {
  port: number;
  waitLimitMs: number;
  /** The folder for the data; undefined for in memory. */
  folder: string | undefined;
  /** The name of the schema for a new database, if its snapshot exists. */
  schema: string | undefined;
}

/** The messages to the parent. `lacksSchema` is a new, empty database. */
export type PostgresWorkerMessage =
  | { listening: number; lacksSchema: boolean }
  | { failed: { message: string; code?: string } }
  | 'kept';

/** The parent's requests: keep a snapshot of the database, which has the schema now; end. */
export type PostgresWorkerRequest = 'keep' | 'close';

const { port, waitLimitMs, folder, schema } = workerData as PostgresWorkerData;
const parent = parentPort;
if (parent === null) throw new Error('this file is the entry of a worker thread');

const say = (message: PostgresWorkerMessage): void => parent.postMessage(message);

// Optimising the code of the engine takes a second or two of both cores, which pays off only for a long-lived
// database. V8 counts the executed bytes of a function (13 MB by default), and reads the limit when the engine is
// loaded.
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
        // The protocol reports a failed query; an exception ends the engine, and so this thread.
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
