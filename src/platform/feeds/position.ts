/**
 * Positions in topics, and the cursor of a connection: its position in each of its topics. The browser stores the cursor
 * as the id of the last event and sends it back to resume.
 *
 * The id of an entry is `<epoch>-<seq>`. The epoch is fixed for the life of a stream, and `seq` grows by 1, so a gap
 * shows in the numbers. Each entry also has a nonce: after a failover Redis may give the id of a lost entry to another
 * event, and only the nonce tells the two entries apart.
 */
import { isTopic, MOST_TOPICS } from './topic.ts';

/** A position in a topic. */
export type Position =
  /** After the entry with this id and nonce. */
  | { readonly id: string; readonly nonce: string }
  /** Before the first entry of a stream that did not exist at the time `emptyAt`, in ms since the epoch. */
  | { readonly emptyAt: number };

/** Positions by the text of the topic. */
export type Cursor = ReadonlyMap<string, Position>;

const ENTRY = /^(\d{1,16}-\d{1,16})\.([\w-]{1,64})$/;
const EMPTY = /^0\.(\d{1,16})$/;

/** Writes a cursor: `deals@1795828702234-17.k3xq,inbox@0.1795828702000`. */
export function writeCursor(cursor: Cursor): string {
  return [...cursor].map(([topic, position]) => `${topic}@${writePosition(position)}`).join(',');
}

/** Reads a cursor. Returns `null` for a malformed text. */
export function readCursor(text: string): Cursor | null {
  const cursor = new Map<string, Position>();
  const parts = text === '' ? [] : text.split(',', MOST_TOPICS + 1);
  if (parts.length > MOST_TOPICS) return null;
  for (const part of parts) {
    const at = part.lastIndexOf('@');
    const topic = part.slice(0, at);
    const position = readPosition(part.slice(at + 1));
    if (!isTopic(topic) || !position) return null;
    cursor.set(topic, position);
  }
  return cursor;
}

/** Writes a position as the scripts read it. */
export function writePosition(position: Position): string {
  return 'emptyAt' in position ? `0.${position.emptyAt}` : `${position.id}.${position.nonce}`;
}

/** Reads a position. Returns `null` for a malformed text. */
export function readPosition(text: string): Position | null {
  const [, id, nonce] = ENTRY.exec(text) ?? [];
  if (id !== undefined && nonce !== undefined) return { id, nonce };
  const [, emptyAt] = EMPTY.exec(text) ?? [];
  return emptyAt === undefined ? null : { emptyAt: Number(emptyAt) };
}

/** A new entry, as a message describes it. */
export interface NewEntry {
  readonly id: string;
  readonly nonce: string;
  /** The nonce of the entry before; `-` for the first entry of a stream. */
  readonly previous: string;
}

/**
 * Compares a new entry with a position: `next` if the entry follows directly, `known` if the position is at or after the
 * entry. `gap` if an entry may be missing between the two, if the stream is another one, or if Redis has lost entries
 * and given their ids to other entries.
 */
export function compareWith(position: Position, { id, nonce, previous }: NewEntry): 'next' | 'known' | 'gap' {
  const [epoch, seq] = partsOf(id);
  if ('emptyAt' in position) return seq === 0n ? 'next' : 'gap';
  const [ownEpoch, ownSeq] = partsOf(position.id);
  if (epoch !== ownEpoch) return 'gap';
  if (seq === ownSeq) return nonce === position.nonce ? 'known' : 'gap';
  if (seq < ownSeq) return 'known';
  return seq === ownSeq + 1n && previous === position.nonce ? 'next' : 'gap';
}

/** Returns the two numbers of an id. They may exceed the exact range of a `number`. */
function partsOf(id: string): [epoch: bigint, seq: bigint] {
  const [epoch = '0', seq = '0'] = id.split('-');
  return [BigInt(epoch), BigInt(seq)];
}
