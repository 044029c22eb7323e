/** The typed call of {@link checkScript}, and of the script that ends a connection. */
import type { RedisClient, RedisKey } from '../redis/index.ts';
import { type EntryPlace, entryKeys } from '../sessions/index.ts';
import type { System } from '../system.ts';
import { type ADMISSIONS, checkScript, type TOPIC_STATES } from './check-script.ts';
import { leaveScript } from './leave-script.ts';
import { MOST_ENTRIES, STREAM_TTL_MS } from './lua.ts';
import { type Position, readPosition, writePosition } from './position.ts';
import { connectionsKey, type Topic } from './topic.ts';

/** A connection, as Redis knows it. */
export interface ConnectionIdentity {
  readonly tenant: string;
  /** The id of the user or of the API key. */
  readonly callerId: string;
  /** The place of the caller's session or token family in Redis; `null` for an API key. */
  readonly entry: EntryPlace | null;
  /** The id of the connection. */
  readonly connection: string;
  readonly topics: readonly Topic[];
}

/** An entry of a topic. */
export interface TopicEntry {
  readonly id: string;
  readonly nonce: string;
  /** The event as JSON. */
  readonly data: string;
}

/** The state of a topic after a check. */
export interface CheckedTopic {
  readonly topic: Topic;
  readonly state: (typeof TOPIC_STATES)[number];
  /** The position before `entries`. */
  readonly position: Position;
  readonly entries: readonly TopicEntry[];
  /** `true` if more entries follow than one page. */
  readonly more: boolean;
}

/** The result of a check. Without admission the lists are empty. */
export interface Checked {
  readonly admission: (typeof ADMISSIONS)[number];
  readonly topics: readonly CheckedTopic[];
  /** The ids of the callers in the room of each topic with presence, by the text of the topic. */
  readonly present: Readonly<Record<string, readonly string[]>>;
}

/** The limits of a check. */
export interface CheckLimits {
  /** How long the connection's places in rooms count without another check, in ms. */
  livesMs: number;
  /** The maximum number of connections of one caller; 0 for no limit. */
  mostConnections: number;
}

/** The maximum number of entries of a topic that one check reads. Large events make the page smaller. */
export const PAGE = 100;
/** If a connection has missed more entries of a topic than this, it gets a reset and not the entries. */
export const MOST_MISSED = 500;
/** How long a place in a room counts after its connection has ended, in ms: long enough to reload a page. */
export const GRACE_MS = 10_000;

type Services = { redis: RedisClient; system: System };

/**
 * Checks a connection and reads its topics after the given positions. 1 request, 1 command.
 * @throws {RedisError}
 */
export async function checkConnection(
  { redis, system }: Services,
  { tenant, callerId, entry, connection, topics }: ConnectionIdentity,
  positions: ReadonlyMap<string, Position>,
  { livesMs, mostConnections }: CheckLimits,
): Promise<Checked> {
  const rooms = topics.flatMap((topic, at) => (topic.room === null ? [] : [{ topic, room: topic.room, at }]));
  const session = entry === null ? [] : entryKeys(tenant, entry);
  const keys = [
    connectionsKey(tenant, callerId),
    ...session,
    ...topics.map(({ stream }) => stream),
    ...rooms.map(({ room }) => room),
  ];
  const now = system.now();
  const [admission, states, present] = await checkScript.call(redis, keys, [
    ...[now, Math.round(now + livesMs), callerId, connection, mostConnections, entry?.name ?? '', entry?.id ?? ''],
    ...[PAGE, MOST_MISSED, MOST_ENTRIES, STREAM_TTL_MS, system.token(), topics.length],
    ...topics.map(({ text }) => {
      const position = positions.get(text);
      return position === undefined ? '' : writePosition(position);
    }),
    ...rooms.map(({ at }) => at),
  ]);
  return {
    admission,
    topics: states.map(([state, position, entries, more], at) => ({
      // The reply has the topics in the order of the request.
      topic: topics[at] as Topic,
      state,
      position: readPosition(position) ?? { emptyAt: now },
      entries: entries.map(([id, nonce, data]) => ({ id, nonce, data })),
      more: more === 1,
    })),
    present: Object.fromEntries(rooms.map(({ topic }, at) => [topic.text, present[at] ?? []])),
  };
}

/**
 * Ends a connection: its places in rooms count for {@link GRACE_MS} more. 1 request, 1 command.
 * @param isAnnounced `true` to tell the rooms that the caller is leaving.
 * @throws {RedisError}
 */
export async function leaveRooms(
  { redis, system }: Services,
  { tenant, callerId, connection, topics }: ConnectionIdentity,
  isAnnounced: boolean,
): Promise<void> {
  const rooms = topics.flatMap(({ room, stream }): RedisKey[] => (room === null ? [] : [room, stream]));
  await leaveScript.call(
    redis,
    [connectionsKey(tenant, callerId), ...rooms],
    [callerId, connection, system.now() + GRACE_MS, MOST_ENTRIES, STREAM_TTL_MS, system.token(), isAnnounced ? 1 : 0],
  );
}
