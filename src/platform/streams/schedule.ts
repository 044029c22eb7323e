/**
 * The schedule that wakes consumer groups: the safety net for a lost job, and for a Redis that has lost everything. The
 * watch list names the streams with unhandled entries, so a quiet deployment costs 1 command a minute.
 *
 * The list also has the sign of each release that has looked at it, with score 0. A release with other groups has
 * another sign. So the groups that a release adds are woken, although their streams are quiet.
 */
import { type BaseScope, type Schedule, schedule } from '../jobs/index.ts';
import { isListOf, isOneOf, isText, isTuple, script } from '../redis/index.ts';
import { declaredConsumers, namesOf } from './consumer.ts';
import { placeOf, streamKeys, watchKey } from './keys.ts';
import { LUA_CLOCK, LUA_LEASE } from './lua.ts';
import { type GroupPlace, WAKE_MS, wake } from './wake.ts';

/** Which signs the watch list has: the sign of this release, only signs of other releases, or none. */
const SIGNS = ['own', 'other', 'none'] as const;

const lateScript = script<[signs: (typeof SIGNS)[number], members: string[]]>(
  'stream.late',
  `
-- Takes the streams whose entries have waited too long from the watch list, and leaves them to the taker for a while.
-- KEYS[1] watch list  ARGV[1] how far the clock is ahead of Redis's, in ms  ARGV[2] how many at most
-- ARGV[3] how long they are the taker's, in ms  ARGV[4] sign of this release
-- Returns {'own', 'other' or 'none', members}. A list without any sign is new, because Redis has lost it.
local watchList, ahead, most, takenMs, sign = KEYS[1], ARGV[1], ARGV[2], ARGV[3], ARGV[4]
${LUA_CLOCK}
local late = redis.call('ZRANGEBYSCORE', watchList, '(0', text(now), 'LIMIT', 0, most)
for _, member in ipairs(late) do redis.call('ZADD', watchList, text(now + takenMs), member) end
if redis.call('ZSCORE', watchList, sign) then return {'own', late} end
return {redis.call('ZCOUNT', watchList, 0, 0) > 0 and 'other' or 'none', late}
`,
  { isReply: isTuple(isOneOf(...SIGNS), isListOf(isText)) },
);

const sleepingScript = script<string[]>(
  'stream.sleeping',
  `
-- Returns the groups of a stream that neither run, nor wait, nor are woken, and marks them as woken.
-- KEYS[1] state  ARGV[1] how far the clock is ahead of Redis's, in ms  ARGV[2] how long a wake-up holds, in ms
-- ARGV[3..] groups
local state, ahead, wakeMs = KEYS[1], ARGV[1], ARGV[2]
${LUA_CLOCK}
${LUA_LEASE}
local sleeping = {}
for at = 3, #ARGV do
  local name = ARGV[at]
  local woken = tonumber(redis.call('HGET', state, 'wake:' .. name) or 0)
  if leaseOf(state, name) <= now and woken <= now then
    redis.call('HSET', state, 'wake:' .. name, text(now + wakeMs))
    sleeping[#sleeping + 1] = name
  end
end
return sleeping
`,
  { isReply: isListOf(isText) },
);

/** The most streams of one tick. */
const LARGEST_TICK = 200;

/** Wakes the groups whose entries wait. 1 command; if streams are late, 1 command for each in 1 more request. */
export const wakeSchedule: Schedule = schedule('streams.wake', {
  cron: '* * * * *',
  exclusive: false,
  async run({ scope }) {
    const { redis, system } = scope;
    const ahead = system.redisAhead?.() ?? 0;
    const sign = signOfRelease();
    const [signs, late] = await lateScript.call(redis, [watchKey], [ahead, LARGEST_TICK, WAKE_MS, sign]);
    const groups = (await Promise.all(late.map((member) => sleepingOf(scope, member)))).flat();
    const forgotten = signs === 'own' ? [] : await (signs === 'none' ? allGroups(scope) : newGroups(scope));
    const woken = [...groups, ...forgotten];
    const areWoken = await wake(scope, woken);
    if (signs !== 'own' && areWoken) await redis.zadd(watchKey, { score: 0, member: sign });
    return woken.length > 0 ? { woken: woken.length } : undefined;
  },
});

/**
 * Names the groups of this release, with the generations of its projections. No text of a stream in the list begins
 * with a blank.
 */
function signOfRelease(): string {
  const groups = declaredConsumers().map(({ stream, name, generation }) => `${stream.name}/${name}/${generation}`);
  return ` ${groups.sort().join(' ')}`;
}

async function sleepingOf({ redis, system }: BaseScope, member: string): Promise<GroupPlace[]> {
  const { tenant, name } = placeOf(member);
  const names = namesOf(name);
  if (names.length === 0) return [];
  const args = [system.redisAhead?.() ?? 0, WAKE_MS, ...names];
  const sleeping = await sleepingScript.call(redis, [streamKeys(tenant, name).state], args);
  return sleeping.map((group) => ({ tenant, name, group }));
}

/** Returns the groups of every stream that has events. 1 statement, which reads one row for each stream. */
async function allGroups({ store }: BaseScope): Promise<GroupPlace[]> {
  if (declaredConsumers().length === 0) return [];
  const streams = await store.query<{ tenant: string; name: string }>(ALL_STREAMS, []);
  return streams.flatMap(({ tenant, name }) => namesOf(name).map((group) => ({ tenant, name, group })));
}

/** Returns the groups that have never run, or whose projection has another generation in this release. */
async function newGroups(scope: BaseScope): Promise<GroupPlace[]> {
  const [groups, rows] = await Promise.all([allGroups(scope), scope.store.query<{ place: string }>(OPENED, [])]);
  const opened = new Set(rows.map(({ place }) => place));
  const placeOfGroup = ({ tenant, name, group }: GroupPlace) => {
    const generation = declaredConsumers().find((each) => each.stream.name === name && each.name === group)?.generation;
    return `${tenant} ${name} ${group} ${generation}`;
  };
  return groups.filter((group) => !opened.has(placeOfGroup(group)));
}

const OPENED = "SELECT concat_ws(' ', tenant_id, stream, name, declared) AS place FROM stream_groups";

/** Goes from each stream to the next one by the primary key. */
const ALL_STREAMS = `
  WITH RECURSIVE streams AS (
    (SELECT tenant_id, stream FROM events ORDER BY tenant_id, stream LIMIT 1)
    UNION ALL
    SELECT following.tenant_id, following.stream FROM streams, LATERAL (
      SELECT tenant_id, stream FROM events WHERE (tenant_id, stream) > (streams.tenant_id, streams.stream)
      ORDER BY tenant_id, stream LIMIT 1
    ) AS following
  )
  SELECT tenant_id AS tenant, stream AS name FROM streams`;
