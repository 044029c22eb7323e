/**
 * The two scripts of one-time codes. A budget is one string, `<guesses left> <codes left>`, of one identifier for a
 * day from its first use. A challenge that is over keeps its hash without what could be compared, until it would have
 * expired: so that a request which arrives twice finds it over, and does not make it anew.
 */
import { isEither, isInteger, isOneOf, isText, isTuple, script } from '../redis/index.ts';

const READ_BUDGET = `
local function budgetOf(guesses, codes, day)
  local left = redis.call('GET', KEYS[2])
  local ttl = redis.call('PTTL', KEYS[2])
  if not left or ttl < 1 then return tonumber(guesses), tonumber(codes), tonumber(day) end
  local guessesLeft, codesLeft = string.match(left, '^(%d+) (%d+)$')
  return tonumber(guessesLeft), tonumber(codesLeft), ttl
end
local function setBudget(guesses, codes, ttl)
  redis.call('SET', KEYS[2], string.format('%d %d', guesses, codes), 'PX', ttl)
end`;

export const issueScript = script<['issued' | 'throttled', number]>(
  'code.issue',
  `
-- Stores a code, and ends the one before it.
-- KEYS[1] challenge  KEYS[2] budget of the identifier  KEYS[3] optional: the challenge it takes the place of
-- ARGV[1] MAC of the code  ARGV[2] payload, or ''  ARGV[3] guesses at this code  ARGV[4] its life in ms
-- ARGV[5] guesses a day  ARGV[6] codes a day  ARGV[7] the day in ms
-- Returns {'issued', 0} or {'throttled', ms until the budget is new}.
-- Keeps: a challenge is made once; no code is issued that nobody may guess at; the budget never grows.
${READ_BUDGET}
if redis.call('EXISTS', KEYS[1]) == 1 then return {'issued', 0} end
local guesses, codes, ttl = budgetOf(ARGV[5], ARGV[6], ARGV[7])
if guesses < 1 or codes < 1 then return {'throttled', ttl} end
setBudget(guesses, codes - 1, ttl)
if KEYS[3] then redis.call('HDEL', KEYS[3], 'mac', 'payload') end
redis.call('HSET', KEYS[1], 'mac', ARGV[1], 'payload', ARGV[2], 'tries', ARGV[3])
redis.call('PEXPIRE', KEYS[1], ARGV[4])
return {'issued', 0}
`,
  { isReply: isTuple(isOneOf('issued', 'throttled'), isInteger) },
);

export const verifyScript = script<['ok', string] | ['wrong' | 'throttled' | 'dead', number]>(
  'code.verify',
  `
-- Compares one guess with a code, after taking it from both budgets.
-- KEYS[1] challenge  KEYS[2] budget of the identifier
-- ARGV[1] MAC of the guess  ARGV[2] guesses a day  ARGV[3] codes a day  ARGV[4] the day in ms
-- Returns {'ok', payload}, {'wrong', guesses left}, {'throttled', ms until the budget is new} or {'dead', 0}.
-- Keeps: no compare without a guess taken before; one success at most; only failures use up the day's guesses.
-- The compare need not take constant time: nobody who lacks the key can choose a MAC to compare with.
${READ_BUDGET}
local stored = redis.call('HMGET', KEYS[1], 'mac', 'payload', 'tries')
if not stored[1] then return {'dead', 0} end
local guesses, codes, ttl = budgetOf(ARGV[2], ARGV[3], ARGV[4])
if guesses < 1 then return {'throttled', ttl} end
setBudget(guesses - 1, codes, ttl)
local tries = redis.call('HINCRBY', KEYS[1], 'tries', -1)
if stored[1] == ARGV[1] then
  redis.call('HDEL', KEYS[1], 'mac', 'payload')
  setBudget(guesses, codes, ttl)
  return {'ok', stored[2]}
end
if tries < 1 then redis.call('HDEL', KEYS[1], 'mac', 'payload') end
return {'wrong', math.min(tries, guesses - 1)}
`,
  { isReply: isEither(isTuple(isOneOf('ok'), isText), isTuple(isOneOf('wrong', 'throttled', 'dead'), isInteger)) },
);
