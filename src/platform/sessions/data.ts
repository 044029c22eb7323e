/** A session's data as it is kept: encoded, and sealed where a sealer is given, bound to the key and the session. */
import { decode, type Encoding, encode, type RedisKey, type Sealer } from '../redis/index.ts';
import { SessionError } from './errors.ts';

/** In characters. Lists read all sessions of a user whole. */
const LARGEST_DATA = 16_384;

/** Data that cannot be opened: sealed with an unknown key, altered, or not sealed though it should be. */
export const UNREADABLE = Symbol('unreadable');

const contextOf = (hash: RedisKey, id: string) => ['session', hash, id];

/**
 * Writes data.
 * @throws {SessionError} `SESSION_DATA` if it is larger than 16,384 characters.
 */
export async function writeData(data: unknown, sealer: Sealer | null, hash: RedisKey, id: string): Promise<string> {
  const { encoding, text } = encode(data);
  if (text.length > LARGEST_DATA) {
    throw new SessionError('SESSION_DATA', `The data of a session is larger than ${LARGEST_DATA} characters`);
  }
  return sealer ? sealer.seal(encoding + text, contextOf(hash, id)) : encoding + text;
}

/** Reads data; `undefined` without data. */
export async function readData(
  field: string | null | undefined,
  sealer: Sealer | null,
  hash: RedisKey,
  id: string,
): Promise<unknown> {
  if (field === null || field === undefined) return undefined;
  const plain = sealer ? await sealer.open(field, contextOf(hash, id)) : field;
  if (plain === null) return UNREADABLE;
  try {
    return decode({ encoding: plain.charAt(0) as Encoding, text: plain.slice(1) });
  } catch {
    return UNREADABLE;
  }
}
