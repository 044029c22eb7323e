/**
 * The lease: one caller across all isolates loads a missing entry, and other callers wait (Nishtala et al., "Scaling
 * Memcache at Facebook", NSDI 2013, §3.2.1). The command that takes the lease also returns the versions for the fill.
 * If another caller has filled the entry meanwhile, the command returns that entry; if the awaited load has ended
 * without an entry, the command returns its end. The function takes any number of entries, and costs one request and
 * one command. The text of a lease:
 *
 *     <token>@<time>            held; the part before a `!` names the holder
 *     !<status> <code> <versions>   free; the last load ended without an entry, see `load-end.ts`
 *     <token>@<time>!<status> …     held again, after a load that ended without an entry
 */
import {
  isEither,
  isInteger,
  isListFrom,
  isListOf,
  isOneOf,
  isText,
  isTuple,
  type RedisClient,
  type RedisKey,
  script,
} from '../redis/index.ts';
import { ERA } from './era.ts';
import { type LoadEnd, parseLoadEnd } from './load-end.ts';
import type { EntryKeys } from './query.ts';

/**
 * The life of a lease, in ms. After this time another caller may load. The holder renews the lease while it loads, so
 * the lease is shorter than the wait of other callers: they take the lease of a dead holder within their wait.
 */
export const LEASE_MS = 4_000;
const MINUTE_MS = 60_000;

/** The answer to a request for a lease. */
export type LeaseAnswer =
  /** The caller has the lease: load, then fill with `versions`, `era` and `lease`. */
  | { kind: 'acquired'; versions: string[]; era: string; lease: string }
  /** Another caller, the `holder`, is loading; its lease ends in `remainingMs` unless it is renewed. */
  | { kind: 'held'; remainingMs: number; holder: string }
  /** The load for which the caller waited, or a later one, has ended without an entry. */
  | { kind: 'ended'; end: LoadEnd }
  /** Another caller filled the entry after this caller's read: classify `stored` before loading. */
  | { kind: 'changed'; stored: string; versions: string[]; era: string }
  /** A writer is changing one of the tags: load, but do not fill. */
  | { kind: 'changing' };

type AcquireReply = [versionsAndEra: string[], ...answers: [string, string, number?][]];

const isAnswer = isEither(
  isTuple(isOneOf('acquired', 'changed', 'changing', 'ended'), isText),
  isTuple(isOneOf('held'), isText, isInteger),
);
const isVersionsAndAnswers = isListFrom([isListOf(isText)], isAnswer);

/** Checks the length of the reply, too: the script has two keys for each entry, one for each version and the era. */
function isLeaseReply(reply: unknown, keys: readonly RedisKey[]): reply is AcquireReply {
  if (!isVersionsAndAnswers(reply)) return false;
  const [versions, ...answers] = reply;
  return versions.length + 2 * answers.length === keys.length;
}

const acquireScript = script<AcquireReply>(
  'lease.acquire',
  `
-- Takes the leases of n entries, except where another caller holds the lease or has filled the entry meanwhile.
-- KEYS[1..n] leases  KEYS[n+1..2n] entries  KEYS[2n+1..] versions of the tags of all entries, then the era
-- ARGV[1] n  ARGV[2] token of the caller  ARGV[3] life of a lease in ms
-- ARGV[4] a new unique version, for tags without a version  ARGV[5] least remaining life of a version, in ms
-- ARGV[5+i] fill id that the caller read in entry i, or '' if there was no entry
-- ARGV[5+n+i] numbers of the versions that entry i depends on, such as '1,4,'
-- ARGV[6+2n] 1 to take also leases that other callers hold, and of entries that the caller has not seen
-- ARGV[6+2n+i] holder of lease i for whose load the caller waits, or '' if the caller has not waited yet
-- Returns {{version…, era}, {answer, detail…}…}, with one answer for each entry.
-- Keeps: at most one holder of a lease; versions and era are read before the holder loads. A request that arrives twice finds
-- the caller's own lease or takes a new lease, but never a lease that forget() has removed in between. A caller learns
-- only of the end of a load that began with the versions of now, and ended while the caller waited: another holder, or
-- none, has come since. Versions get a longer life at the end of the script, because a full Redis refuses only the
-- first write of a script.
local token, leaseMs, newVersion, leastTtl = ARGV[2], ARGV[3], ARGV[4], ARGV[5]
local n = tonumber(ARGV[1])
local takesHeld = ARGV[6 + 2 * n] == '1'
local time = redis.call('TIME')
local lease = token .. '@' .. time[1] .. '.' .. time[2]
local versions, prolonged = {}, {}
for i = 2 * n + 1, #KEYS - 1 do
  local version = redis.call('GET', KEYS[i])
  if not version then
    version = newVersion
    redis.call('SET', KEYS[i], version, 'PX', leastTtl)
  elseif not string.find(version, '!', 1, true) and redis.call('PTTL', KEYS[i]) < tonumber(leastTtl) then
    prolonged[#prolonged + 1] = KEYS[i]
  end
  versions[#versions + 1] = version
end
versions[#versions + 1] = redis.call('GET', KEYS[#KEYS]) or ''
local result = {versions}
for i = 1, n do
  local leaseKey, entryKey, known, dependsOn = KEYS[i], KEYS[n + i], ARGV[5 + i], ARGV[5 + n + i]
  local awaited = ARGV[6 + 2 * n + i]
  local changing, own = false, {}
  for index in string.gmatch(dependsOn, '(%d+),') do
    own[#own + 1] = versions[tonumber(index)]
    if string.find(own[#own], '!', 1, true) then changing = true end
  end
  local entry = redis.call('GET', entryKey)
  if changing then
    result[i + 1] = {'changing', ''}
  elseif takesHeld then
    redis.call('SET', leaseKey, lease, 'PX', leaseMs)
    result[i + 1] = {'acquired', lease}
  elseif entry and (string.match(entry, '^%S+ (%S+)') or '') ~= known then
    result[i + 1] = {'changed', entry}
  else
    local held = redis.call('GET', leaseKey) or ''
    local holder, ended = string.match(held, '^([^!]*)(.*)$')
    local how, loadedWith = string.match(ended, '^!(%d+ %S+) (%S*)$')
    if loadedWith ~= table.concat(own, ',') then how, ended = nil, '' end
    if string.find(held, token .. '@', 1, true) == 1 then
      result[i + 1] = {'acquired', held}
    elseif how and awaited ~= '' and awaited ~= holder then
      result[i + 1] = {'ended', how}
    elseif holder == '' then
      redis.call('SET', leaseKey, lease .. ended, 'PX', leaseMs)
      result[i + 1] = {'acquired', lease .. ended}
    else
      result[i + 1] = {'held', holder, redis.call('PTTL', leaseKey)}
    end
  end
end
for _, key in ipairs(prolonged) do redis.call('PEXPIRE', key, leastTtl) end
return result
`,
  { isReply: isLeaseReply },
);

/** An entry to load, and the state that the caller has seen. */
export interface LeaseRequest {
  keys: EntryKeys;
  /** Fill id of the entry as it was read; `''` if no entry was found. */
  seenFillId: string;
  /** The holder for whose load the caller waits; `''` if the caller has not waited yet. */
  awaited: string;
}

/**
 * Requests a lease for each entry. Returns the answers in the order of `requests`.
 * @param token names the caller.
 * @param newVersion becomes the version of tags without a version; each call needs a new text.
 * @param livesMs the longest life of the entries to fill; versions live a little longer.
 * @param force takes leases that other callers hold, whatever entry is stored: for a refresh that must read the source
 * as it is now.
 */
export async function acquireLeases(
  redis: RedisClient,
  requests: readonly LeaseRequest[],
  {
    token,
    newVersion,
    livesMs,
    force = false,
  }: { token: string; newVersion: string; livesMs: number; force?: boolean },
): Promise<LeaseAnswer[]> {
  const versionKeys = [...new Set(requests.flatMap(({ keys }) => keys.versions))];
  const positions = new Map(versionKeys.map((key, index) => [key, index]));
  const indexesOf = ({ keys }: LeaseRequest) => keys.versions.map((key) => positions.get(key) ?? 0);
  const [read, ...answers] = await acquireScript.call(
    redis,
    [...requests.map(({ keys }) => keys.lease), ...requests.map(({ keys }) => keys.entry), ...versionKeys, ERA],
    [
      requests.length,
      token,
      LEASE_MS,
      newVersion,
      Math.round(livesMs + LEASE_MS + MINUTE_MS),
      ...requests.map(({ seenFillId }) => seenFillId),
      ...requests.map((request) =>
        indexesOf(request)
          .map((index) => `${index + 1},`)
          .join(''),
      ),
      force ? 1 : 0,
      ...requests.map(({ awaited }) => awaited),
    ],
  );
  const era = read.at(-1) ?? '';
  return requests.map((request, index): LeaseAnswer => {
    const [kind, detail, remainingMs = 0] = answers[index] ?? ['changing', ''];
    const own = indexesOf(request).map((position) => read[position] ?? '');
    if (kind === 'acquired') return { kind, versions: own, era, lease: detail };
    if (kind === 'changed') return { kind, stored: detail, versions: own, era };
    if (kind === 'ended') return { kind, end: parseLoadEnd(detail) };
    return kind === 'held' ? { kind, remainingMs, holder: detail } : { kind: 'changing' };
  });
}
