/**
 * The scripts of one-time codes. Each address has one hash, the “day” of the address, with the budget that the address
 * has used in the last 24 hours. Field `mails`: the time of each mailed code, and the asker. Field `guesses`: the time
 * of each wrong guess. Field `linked`: the time of the last link. A time is dropped after 24 hours, so no period of 24
 * hours has more mails or guesses than the budget allows.
 *
 * The hash of an ended challenge or link stays, without the valid code, until the planned expiry. So a request that
 * arrives twice finds the ended challenge or link and does not create it again.
 */
import { isInteger, isOneOf, isTuple, script } from '../redis/index.ts';

const DAY_MS = 86_400_000;

/**
 * Lua functions that read and change the “day” of an address: the hash of the used budget, in KEYS[2]. ARGV[1] is added
 * to the clock of Redis, in ms.
 */
const DAY = `
local day, behind = KEYS[2], ARGV[1]
local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000) + tonumber(behind)
local function today(field)
  local entries = {}
  for moment, rest in string.gmatch(redis.call('HGET', day, field) or '', '(%d+)(%S*)') do
    if now - tonumber(moment) < ${DAY_MS} then entries[#entries + 1] = moment .. rest end
  end
  return entries
end
local function save(field, entries)
  if #entries == 0 then redis.call('HDEL', day, field)
  else redis.call('HSET', day, field, table.concat(entries, ' ')) end
  redis.call('PEXPIRE', day, ${DAY_MS})
end
local function moment(rest) return string.format('%.0f', now) .. rest end`;

type IssueReply = ['code' | 'link', number];

export const issueScript = script<IssueReply>(
  'code.issue',
  `
-- Stores a short code, or answers that the mail must have a link instead. Ends the previous code of the same browser.
-- KEYS[1] challenge  KEYS[2] day of the address  KEYS[3] the browser's previous challenge, if there is one
-- ARGV[1] ms to add to the clock of Redis  ARGV[2] MAC of the code  ARGV[3] guesses allowed for this code
-- ARGV[4] life of the code in ms  ARGV[5] wrong guesses a day  ARGV[6] short codes a day
-- ARGV[7] short codes a day for one asker  ARGV[8] digest of the asker
-- Returns {'code', 0} if the code is stored, or {'link', 0} if nothing is stored.
-- Keeps: a challenge is created once; an address without guesses left gets no short code.
local challenge, replaced, mac, guesses, life, guessesPerDay = KEYS[1], KEYS[3], ARGV[2], ARGV[3], ARGV[4], ARGV[5]
local codesPerDay, codesPerAsker, asker = ARGV[6], ARGV[7], ARGV[8]
${DAY}
if redis.call('EXISTS', challenge) == 1 then return {'code', 0} end
if replaced then redis.call('HDEL', replaced, 'mac') end
local mails = today('mails')
local own = 0
for _, mail in ipairs(mails) do
  if string.match(mail, ':(.*)$') == asker then own = own + 1 end
end
if #today('guesses') >= tonumber(guessesPerDay) or #mails >= tonumber(codesPerDay) or own >= tonumber(codesPerAsker) then
  return {'link', 0}
end
mails[#mails + 1] = moment(':' .. asker)
save('mails', mails)
redis.call('HSET', challenge, 'mac', mac, 'tries', guesses)
redis.call('PEXPIRE', challenge, life)
return {'code', 0}
`,
  { isReply: isTuple(isOneOf('code', 'link'), isInteger) },
);

type VerifyReply = ['ok' | 'wrong' | 'spent' | 'dead', number];

export const verifyScript = script<VerifyReply>(
  'code.verify',
  `
-- Counts one guess in both budgets, and then compares it with a short code.
-- KEYS[1] challenge  KEYS[2] day of the address
-- ARGV[1] ms to add to the clock of Redis  ARGV[2] MAC of the guess  ARGV[3] wrong guesses a day
-- Returns {'ok', 0}, {'wrong', guesses left}, {'spent', 0} if the address has no guess left, or {'dead', 0} if there is
-- no valid code.
-- Keeps: each comparison is counted first; a code succeeds at most once; only wrong guesses stay in the day. The
-- comparison need not take constant time, because a caller without the key cannot choose the MAC that is compared.
local challenge, mac, guessesPerDay = KEYS[1], ARGV[2], ARGV[3]
${DAY}
local stored = redis.call('HGET', challenge, 'mac')
if not stored then return {'dead', 0} end
local before = today('guesses')
if #before >= tonumber(guessesPerDay) then return {'spent', 0} end
local after = {unpack(before)}
after[#after + 1] = moment('')
save('guesses', after)
local tries = redis.call('HINCRBY', challenge, 'tries', -1)
if stored == mac then
  redis.call('HDEL', challenge, 'mac')
  save('guesses', before)
  return {'ok', 0}
end
if tries < 1 then redis.call('HDEL', challenge, 'mac') end
return {'wrong', math.max(0, math.min(tries, tonumber(guessesPerDay) - #after))}
`,
  { isReply: isTuple(isOneOf('ok', 'wrong', 'spent', 'dead'), isInteger) },
);

type OpenReply = ['open' | 'recent', number];

export const openLinkScript = script<OpenReply>(
  'code.open-link',
  `
-- Makes a link valid, unless the address got a link a short time ago.
-- KEYS[1] link  KEYS[2] day of the address
-- ARGV[1] ms to add to the clock of Redis  ARGV[2] life of the link in ms  ARGV[3] least time between two links in ms
-- Returns {'open', 0} if the link must be mailed, or {'recent', 0} if the previous link is still valid.
-- Keeps: at most one new link in ARGV[3]. A link is created once, so a repeated request gets the same answer.
local link, life, pauseMs = KEYS[1], ARGV[2], ARGV[3]
${DAY}
if redis.call('EXISTS', link) == 1 then return {'open', 0} end
local linked = today('linked')[1]
if linked and math.abs(now - tonumber(linked)) < tonumber(pauseMs) then return {'recent', 0} end
save('linked', {moment('')})
redis.call('HSET', link, 'good', 1, 'since', moment(''))
redis.call('PEXPIRE', link, life)
return {'open', 0}
`,
  { isReply: isTuple(isOneOf('open', 'recent'), isInteger) },
);

type UseReply = ['ok' | 'dead', number];

export const useLinkScript = script<UseReply>(
  'code.use-link',
  `
-- Uses a link. The next link may be mailed at once, because the user has read the mail with this link.
-- KEYS[1] link  KEYS[2] day of the address
-- Returns {'ok', 0} if the link was valid, {'dead', 0} if not.
-- Keeps: a link succeeds at most once.
local link, day = KEYS[1], KEYS[2]
if redis.call('HDEL', link, 'good') == 0 then return {'dead', 0} end
redis.call('HDEL', day, 'linked')
return {'ok', 0}
`,
  { isReply: isTuple(isOneOf('ok', 'dead'), isInteger) },
);
