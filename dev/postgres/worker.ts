/**
 * The thread of PGlite. A query blocks its thread, and must not delay the Redis and QStash parts. The thread tells its
 * parent when the server listens or why the start failed, and ends on request.
 */
import { setFlagsFromString } from 'node:v8';
import { parentPort, workerData } from 'node:worker_threads';
import { startPostgresServer } from './server.ts';
import { createDatabase, openDatabaseIn } from './snapshot.ts';

/** The input from the parent. */
export interface PostgresWorkerData {
  port: number;
  waitLimitMs: number;
  /** The folder for the data; undefined for data in memory. */
  folder: string | undefined;
  /** The name of the schema that a new database gets from its snapshot, if the snapshot exists. */
  schema: string | undefined;
}

/** The messages to the parent. `lacksSchema` is true for a new, empty database. */
export type PostgresWorkerMessage =
  | { listening: number; lacksSchema: boolean }
  | { failed: { message: string; code?: string } }
  | 'kept';

/** The parent's requests: to keep a snapshot of the database, which now has the schema, or to end. */
export type PostgresWorkerRequest = 'keep' | 'close';

const { port, waitLimitMs, folder, schema } = workerData as PostgresWorkerData;
const parent = parentPort;
if (parent === null) throw new Error('this file is the entry of a worker thread');

const say = (message: PostgresWorkerMessage): void => parent.postMessage(message);

// V8 optimises a WebAssembly function after the function has executed a number of bytes (13 MB by default). Optimising
// the engine takes one or two seconds of both cores, which is worth it only for a long-lived database. So the number is
// higher here. V8 reads the number when the engine is loaded.
setFlagsFromString('--wasm-tiering-budget=200000000');

try {
  const { database, keep } = await (folder === undefined ? createDatabase(schema) : openDatabaseIn(folder, schema));
  const server = await startPostgresServer(
    async (messages) => {
      const answer: Buffer[] = [];
      try {
        // Each chunk is copied, because it is a view of WebAssembly memory that the next query overwrites.
        await database.execProtocolRawStream(new Uint8Array(messages), {
          onRawData: (chunk) => answer.push(Buffer.from(chunk)),
        });
      } catch (error) {
        // The protocol reports a failed query as a message. An exception means that the engine has failed, so the
        // thread ends.
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
