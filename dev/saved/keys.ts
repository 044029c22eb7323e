/**
 * Copies keys of any Redis through its protocol: a typed read of each key, and the command that creates it again. The
 * saved data of the local cloud and the backups are made of these copies.
 */

/** A key and its value. */
export interface SavedKey {
  key: Buffer;
  /** The expiry, in ms since the epoch; null for never. */
  endsAt: number | null;
  /** The command that creates the value, without the name of the key. */
  command: string;
  values: Buffer[];
}

/** Sends one command and returns its reply, with texts as bytes. */
export type Ask = (...command: (string | Buffer)[]) => Promise<unknown>;

/** One entry of a stream: its id and its fields. */
type StreamEntry = [id: Buffer, fields: Buffer[]];

/**
 * Reads a key with the command of its type: 3 commands. Returns undefined if the key is gone.
 * @param now the time in ms since the epoch, from which the remaining life counts.
 */
export async function copyKey(ask: Ask, key: Buffer, now: number): Promise<SavedKey | undefined> {
  const [ttl, type] = await Promise.all([ask('PTTL', key), ask('TYPE', key)]);
  const endsAt = Number(ttl) > 0 ? now + Number(ttl) : null;
  switch (String(type)) {
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

/** Creates a key from its copy. A key whose time is over is not created. */
export async function createKey(ask: Ask, { key, endsAt, command, values }: SavedKey, now: number): Promise<void> {
  if (endsAt !== null && endsAt <= now) return;
  const sent =
    command === 'XADD'
      ? [...streamEntries(values)].map(([id, fields]) => ask('XADD', key, id, ...fields))
      : [ask(command, key, ...values)];
  if (endsAt !== null) sent.push(ask('PEXPIREAT', key, String(endsAt)));
  await Promise.all(sent);
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
