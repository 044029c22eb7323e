/**
 * Saves the data of the embedded Redis between two starts. This module reads the data through the protocol (SCAN, PTTL
 * and a command for each type). It omits families of keys whose values must not outlive the process. The saved data may
 * be a few seconds older than the database: a restored cache would serve old values, and restored leases would belong
 * to holders that have ended. Everything else is saved, also streams and queues: the local QStash is saved with it.
 */
import { createClient, RESP_TYPES } from '@redis/client';
import { type Nature, natureOf } from '../../src/platform/redis/nature.ts';
import { keepSaved, readSaved, type SavedFile } from './file.ts';
import { type Ask, copyKey, createKey, type SavedKey } from './keys.ts';

/** The natures of the keys that are not saved. */
const LEFT_OUT: readonly (Nature | undefined)[] = ['cache', 'lease', 'limit'];
/**
 * The nature that is not restored if the process was killed. Readers prefer these values to the database, and the
 * database may be newer.
 */
const ONLY_AFTER_A_CLEAN_END: Nature = 'reader';

interface Dump {
  keys: SavedKey[];
  endedCleanly: boolean;
}

type Connection = Awaited<ReturnType<typeof open>>;

/** Loads the saved data into an empty Redis, and keeps the file up to date from then on. */
export async function keepRedisSaved(file: string, redisUrl: string): Promise<SavedFile> {
  const connection = await open(redisUrl);
  const saved = (await readSaved(file)) as Dump | undefined;
  if (saved !== undefined) await load(connection, saved, Date.now());
  const saving = keepSaved(file, async (isLast) => ({ keys: await dump(connection), endedCleanly: isLast }));
  return {
    async close() {
      await saving.close();
      connection.destroy();
    },
  };
}

async function open(url: string) {
  const client = createClient({
    url,
    RESP: 2,
    disableClientInfo: true,
    maintNotifications: 'disabled',
    commandOptions: { typeMapping: { [RESP_TYPES.BLOB_STRING]: Buffer } },
  });
  client.on('error', () => {});
  await client.connect();
  return client;
}

/** Reads every key that is to be saved. Keys may change during the scan, but each value is read with one command. */
async function dump(connection: Connection): Promise<SavedKey[]> {
  const keys: SavedKey[] = [];
  let cursor = '0';
  do {
    const [next, found] = (await connection.sendCommand(['SCAN', cursor, 'COUNT', '1000'])) as unknown as [
      Buffer,
      Buffer[],
    ];
    cursor = next.toString();
    for (const each of found) {
      if (LEFT_OUT.includes(natureOf(each.toString()))) continue;
      const saved = await copyKey(asking(connection), each, Date.now());
      if (saved !== undefined) keys.push(saved);
    }
  } while (cursor !== '0');
  return keys.sort((one, two) => one.key.compare(two.key));
}

async function load(connection: Connection, { keys, endedCleanly }: Dump, now: number): Promise<void> {
  for (const saved of keys) {
    if (!endedCleanly && natureOf(saved.key.toString()) === ONLY_AFTER_A_CLEAN_END) continue;
    await createKey(asking(connection), saved, now);
  }
}

function asking(connection: Connection): Ask {
  return (...command) => connection.sendCommand(command);
}
