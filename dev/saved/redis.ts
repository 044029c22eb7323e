/**
 * Saves the data of the embedded Redis between two starts. This module reads the data through the protocol (SCAN, PTTL
 * and a command for each type). It omits families of keys whose values must not outlive the process. The saved data may
 * be a few seconds older than the database: a restored cache would serve old values, and restored leases would belong
 * to holders that have ended.
 */
import { createClient, RESP_TYPES } from '@redis/client';
import { type Family, families } from '../../src/platform/redis/keys.ts';
import { keepSaved, readSaved, type SavedFile } from './file.ts';

/** The key families that are not saved. */
const LEFT_OUT: readonly Family[] = ['entry', 'version', 'lease', 'limit', 'lock'];
/**
 * The families that are not restored if the process was killed. Readers prefer these values to the database, and the
 * database may be newer.
 */
const ONLY_AFTER_A_CLEAN_END: readonly Family[] = ['pending'];

interface SavedKey {
  key: Buffer;
  /** The expiry, in ms since the epoch; null for never. */
  endsAt: number | null;
  /** The command that creates the value, without the name of the key. */
  command: string;
  values: Buffer[];
}

/** One entry of a stream: its id and its fields. */
type StreamEntry = [id: Buffer, fields: Buffer[]];

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
      if (LEFT_OUT.includes(familyOf(each))) continue;
      const saved = await dumpKey(connection, each);
      if (saved !== undefined) keys.push(saved);
    }
  } while (cursor !== '0');
  return keys.sort((one, two) => one.key.compare(two.key));
}

async function dumpKey(connection: Connection, key: Buffer): Promise<SavedKey | undefined> {
  const ask = (...command: (string | Buffer)[]) => connection.sendCommand(command) as Promise<unknown>;
  const ttl = Number(await ask('PTTL', key));
  const endsAt = ttl > 0 ? Date.now() + ttl : null;
  switch (String(await ask('TYPE', key))) {
    case 'string': {
      const value = (await ask('GET', key)) as Buffer | null;
      return value === null ? undefined : { key, endsAt, command: 'SET', values: [value] };
    }
    case 'hash':
      return list('HSET', (await ask('HGETALL', key)) as Buffer[]);
    case 'set':
      return list('SADD', (await ask('SMEMBERS', key)) as Buffer[]);
    case 'list':
      return list('RPUSH', (await ask('LRANGE', key, '0', '-1')) as Buffer[]);
    case 'zset': {
      const members = (await ask('ZRANGE', key, '0', '-1', 'WITHSCORES')) as Buffer[];
      return list('ZADD', scoresFirst(members));
    }
    case 'stream': {
      const entries = (await ask('XRANGE', key, '-', '+')) as StreamEntry[];
      const values = entries.flatMap(([id, fields]) => [id, Buffer.from(String(fields.length)), ...fields]);
      return list('XADD', values);
    }
    default:
      return undefined;
  }

  function list(command: string, values: Buffer[]): SavedKey | undefined {
    return values.length === 0 ? undefined : { key, endsAt, command, values };
  }
}

async function load(connection: Connection, { keys, endedCleanly }: Dump, now: number): Promise<void> {
  for (const { key, endsAt, command, values } of keys) {
    if (endsAt !== null && endsAt <= now) continue;
    if (!endedCleanly && ONLY_AFTER_A_CLEAN_END.includes(familyOf(key))) continue;
    const send = (...parts: (string | Buffer)[]) => connection.sendCommand(parts);
    if (command === 'XADD') for (const [id, fields] of streamEntries(values)) await send('XADD', key, id, ...fields);
    else await send(command, key, ...values);
    if (endsAt !== null) await send('PEXPIREAT', key, String(endsAt));
  }
}

function* streamEntries(values: readonly Buffer[]): Generator<StreamEntry> {
  for (let at = 0; at < values.length; ) {
    const [id, count] = [values[at], Number(values[at + 1])];
    if (id === undefined) return;
    yield [id, values.slice(at + 2, at + 2 + count)];
    at += 2 + count;
  }
}

/** Puts each score before its member: ZRANGE returns the member first, and ZADD expects the score first. */
function scoresFirst(members: readonly Buffer[]): Buffer[] {
  return members.flatMap((member, at) => (at % 2 === 0 ? [members[at + 1] ?? member, member] : []));
}

const FAMILY_OF_CODE = new Map<string, Family>(
  Object.entries(families).map(([family, { code }]) => [code, family as Family]),
);

/** Returns the family of a Holdfast key (`hf:{tenant}:{code}:…`), and `item` for any other key. */
function familyOf(key: Buffer): Family {
  return FAMILY_OF_CODE.get(key.toString().split(':')[2] ?? '') ?? 'item';
}
