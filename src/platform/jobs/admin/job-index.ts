/**
 * Reads the indexes of a tenant's jobs with one script: how many jobs are in each state, and the ids of the jobs that
 * changed last. The costs do not depend on the number of jobs or of names.
 */
import { isInteger, isListOf, isText, isTuple, type RedisClient, script } from '../../redis/index.ts';
import { indexKey, STATES, type State } from '../keys.ts';

/** The jobs to find. `from` and `to` are times of the last change of state, in ms since the epoch. */
export interface JobSearch {
  names: readonly string[];
  /** The state of the listed jobs. Default: every state. The counts are always of every state. */
  state?: State | undefined;
  /** Only jobs whose state changed at `from` or later, and before `to`. */
  from?: number | undefined;
  to?: number | undefined;
  limit: number;
  cursor?: Cursor | undefined;
}

/** A job in an index: its id, and the time of its last change of state in ms since the epoch. */
export interface ListedJob {
  id: string;
  at: number;
}

/** The end of a page: its last job. */
export type Cursor = ListedJob;

/** The jobs with one name in one state. */
export interface IndexCount {
  name: string;
  state: State;
  jobs: number;
  /** The jobs that reached the state since `since`. */
  recent: number;
  /** The time at which the oldest of the jobs reached the state, in ms since the epoch. */
  oldestAt: number;
}

/** The found jobs, the latest change first, and the counts of all indexes with a job. */
export interface JobIndexPage {
  jobs: ListedJob[];
  next: Cursor | null;
  counts: IndexCount[];
}

const indexScript = script<[counts: [number, number, number, string][], listed: string[]]>(
  'jobs.index',
  `
-- Counts the jobs of indexes, and lists the jobs that changed last.
-- KEYS[1..] indexes: of each name, one for each state
-- ARGV[1] the number of states  ARGV[2] the number of the listed state, or 0 for every state
-- ARGV[3] the latest and ARGV[4] the earliest time to list  ARGV[5] the most jobs to list  ARGV[6] since, in ms
-- ARGV[7] the id after which the jobs of the latest time are listed, or ''
-- Returns {{number of the index, jobs, jobs since 'since', time of the oldest}…} without empty indexes, and
-- {id, time, …}, the latest change first; of equal times, the greater id first.
local states, listed, latest, earliest, most, since = ARGV[1], ARGV[2], ARGV[3], ARGV[4], ARGV[5], ARGV[6]
local after = ARGV[7]
states, listed, earliest, most = tonumber(states), tonumber(listed), tonumber(earliest), tonumber(most)

-- Returns {id, time, …} of an index behind the cursor. Redis keeps jobs of one time in the order of their ids, so a
-- binary search finds the place.
local function behind(index)
  local low = redis.call('ZCOUNT', index, '(' .. latest, '+inf')
  local high = low + redis.call('ZCOUNT', index, latest, latest)
  while low < high do
    local middle = math.floor((low + high) / 2)
    if redis.call('ZREVRANGE', index, middle, middle)[1] < after then high = middle else low = middle + 1 end
  end
  return redis.call('ZREVRANGE', index, low, low + most - 1, 'WITHSCORES')
end

local counts, found = {}, {}
for number, index in ipairs(KEYS) do
  local jobs = redis.call('ZCARD', index)
  if jobs > 0 then
    local oldest = redis.call('ZRANGE', index, 0, 0, 'WITHSCORES')
    counts[#counts + 1] = {number, jobs, redis.call('ZCOUNT', index, since, '+inf'), tostring(oldest[2])}
    if most > 0 and (listed == 0 or (number - 1) % states + 1 == listed) then
      local flat = after ~= '' and behind(index)
        or redis.call('ZREVRANGEBYSCORE', index, latest, earliest, 'WITHSCORES', 'LIMIT', 0, most)
      for at = 1, #flat, 2 do
        local time = tonumber(flat[at + 1])
        if time >= earliest then found[#found + 1] = {flat[at], time} end
      end
    end
  end
end
table.sort(found, function(one, two)
  if one[2] ~= two[2] then return one[2] > two[2] end
  return one[1] > two[1]
end)
local flat = {}
for at = 1, math.min(most, #found) do
  flat[#flat + 1] = found[at][1]
  flat[#flat + 1] = string.format('%.0f', found[at][2])
end
return {counts, flat}
`,
  { isReply: isTuple(isListOf(isTuple(isInteger, isInteger, isInteger, isText)), isListOf(isText)) },
);

/**
 * Finds a page of jobs, and counts all jobs with the names. 1 request, 1 command.
 * @param since the time from which jobs count as recent, in ms since the epoch.
 */
export async function readJobIndex(
  redis: RedisClient,
  tenant: string,
  { names, state, from, to, limit, cursor }: JobSearch,
  since = 0,
): Promise<JobIndexPage> {
  if (names.length === 0) return { jobs: [], next: null, counts: [] };
  const indexes = names.flatMap((name) => STATES.map((each) => ({ name, state: each })));
  const latest = cursor ? String(cursor.at) : to === undefined ? '+inf' : `(${to}`;
  const most = limit === 0 ? 0 : limit + 1;
  const [counts, flat] = await indexScript.call(
    redis,
    indexes.map((index) => indexKey(tenant, index.name, index.state)),
    [STATES.length, state ? STATES.indexOf(state) + 1 : 0, latest, from ?? 0, most, since, cursor?.id ?? ''],
  );
  const listed = Array.from({ length: flat.length / 2 }, (_, at) => ({
    id: flat[2 * at] ?? '',
    at: Number(flat[2 * at + 1]),
  }));
  const jobs = listed.slice(0, limit);
  return {
    jobs,
    next: listed.length > limit ? (jobs.at(-1) ?? null) : null,
    counts: counts.flatMap(([number, amount, recent, oldest]) => {
      const index = indexes[number - 1];
      return index ? [{ ...index, jobs: amount, recent, oldestAt: Number(oldest) }] : [];
    }),
  };
}
