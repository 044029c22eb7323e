/**
 * Writes and reads a session's data. The data is encoded. If a sealer is given, the data is also sealed, and bound to
 * its Redis key and its session.
 */
import { decode, type Encoding, encode, type RedisKey, type Sealer } from '../redis/index.ts';
import { SessionError } from './errors.ts';

/** The maximum number of characters of a session's data. A list reads the data of all sessions of a user. */
const LARGEST_DATA = 16_384;

/** The result for data that cannot be opened: sealed with an unknown key, altered, or not sealed as required. */
export const UNREADABLE = Symbol('unreadable');

const contextOf = (hash: RedisKey, id: string) => ['session', hash, id];

/**
 * Encodes and seals data.
 * @throws {SessionError} `SESSION_DATA` if the encoded data is larger than 16,384 characters.
 */
export async function writeData(data: unknown, sealer: Sealer | null, hash: RedisKey, id: string): Promise<string> {
  const { encoding, text } = encode(data);
  if (text.length > LARGEST_DATA) {
    throw new SessionError('SESSION_DATA', `The data of a session is larger than ${LARGEST_DATA} characters`);
  }
  return sealer ? sealer.seal(encoding + text, contextOf(hash, id)) : encoding + text;
}

/** Opens and decodes data. Returns `undefined` if there is no data, and `UNREADABLE` if the data cannot be opened. */
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
