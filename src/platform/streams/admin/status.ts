/** The status of a tenant's streams: entries in Redis, and how far each group has come. */
import type { BaseScope } from '../../jobs/index.ts';
import { isInteger, isListOf, isTuple, script } from '../../redis/index.ts';
import { namesOf } from '../consumer.ts';
import type { Consumer } from '../group-run.ts';
import { streamKeys } from '../keys.ts';
import { LUA_GROUPS } from '../lua.ts';

/** The most waiting entries that are counted for a group. */
export const MOST_COUNTED = 1_000;

const statusScript = script<[entries: number, groups: [pending: number, waiting: number, isBehind: number][]]>(
  'stream.status',
  `
-- Counts the entries of a stream, and for each group the delivered and the waiting ones.
-- KEYS[1] stream  KEYS[2] state  ARGV[1] the most entries to count  ARGV[2..] groups
-- Returns {entries, {{delivered and not handled, waiting, 1 if the group resumes from SQL}…}}.
local stream, state, most = KEYS[1], KEYS[2], ARGV[1]
${LUA_GROUPS}
local known, groups = {}, {}
for _, group in ipairs(groupsOf(stream)) do known[group.name] = group end
for at = 2, #ARGV do
  local name = ARGV[at]
  local group = known[name] or {pending = 0, last = '0-0'}
  local waiting = #redis.call('XRANGE', stream, '(' .. group.last, '+', 'COUNT', most)
  local isBehind = (not known[name] or redis.call('HEXISTS', state, 'loss:' .. name) == 1) and 1 or 0
  groups[#groups + 1] = {group.pending, waiting, isBehind}
end
return {redis.call('XLEN', stream), groups}
`,
  { isReply: isTuple(isInteger, isListOf(isTuple(isInteger, isInteger, isInteger))) },
);

/** The status of a group. */
export interface GroupStatus {
  name: string;
  /** Entries that a run has taken and not yet handled. */
  pending: number;
  /** Entries that no run has taken, at most {@link MOST_COUNTED}. */
  waiting: number;
  /** Whether the next run reads the events from SQL, because the group is new or Redis has lost entries. */
  behind: boolean;
  dead: number;
  /** The generation of a projection that readers see, and the one that is being built. */
  generation: number | null;
  building: number | null;
}

/** The status of a stream. */
export interface StreamStatus {
  name: string;
  /** The entries in Redis. */
  entries: number;
  groups: GroupStatus[];
}

interface Row {
  stream: string;
  name: string;
  generation: number;
  building: number | null;
  dead: number;
}

/** Reads the status of streams. 1 statement, and 1 request to Redis with 1 command for each stream. */
export async function readStatus(
  { redis, store }: Pick<BaseScope, 'redis' | 'store'>,
  tenant: string,
  streams: ReadonlyMap<string, readonly Consumer[]>,
): Promise<StreamStatus[]> {
  const [rows, statuses] = await Promise.all([
    store.query<Row>(READ, [tenant]),
    Promise.all(
      [...streams.keys()].map((name) => {
        const { stream, state } = streamKeys(tenant, name);
        return statusScript.call(redis, [stream, state], [MOST_COUNTED, ...namesOf(name)]);
      }),
    ),
  ]);
  return [...streams].map(([name, consumers], index) => {
    const [entries = 0, groups = []] = statuses[index] ?? [];
    return {
      name,
      entries,
      groups: consumers.map((consumer, at) => {
        const [pending = 0, waiting = 0, isBehind = 0] = groups[at] ?? [];
        const row = rows.find((each) => each.stream === name && each.name === consumer.name);
        const isProjection = consumer.rebuild !== undefined;
        return {
          ...{ name: consumer.name, pending, waiting, behind: isBehind === 1, dead: row?.dead ?? 0 },
          generation: isProjection ? (row?.generation ?? 1) : null,
          building: row?.building ?? null,
        };
      }),
    };
  });
}

const READ = `
  SELECT g.stream, g.name, g.generation, g.building, (
    SELECT count(*)::int FROM dead_events d
    WHERE d.tenant_id = g.tenant_id AND d.stream = g.stream AND d.name = g.name
  ) AS dead
  FROM stream_groups g WHERE g.tenant_id = $1`;
