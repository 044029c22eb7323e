/** What one rule answers to one claim: by Redis's word or, without Redis, by its own `whenDown`. */
import type { Log } from '../log.ts';
import { isRefusal, type RedisClient, RedisError } from '../redis/index.ts';
import type { LimitMemory } from './memory.ts';
import { latestRetry, type Outlook } from './retry.ts';
import { type Claim, take, untilChunkEnds } from './take.ts';
import type { RuleState } from './verdict.ts';

/** The answer of a rule. */
export interface Answer {
  readonly claim: Claim;
  readonly state: RuleState;
  /** Where the cost was counted. */
  readonly counted: 'redis' | 'locally' | null;
  /** Whether Redis refused, so that it can say when the request would pass. */
  readonly refusedByRedis: boolean;
}

/** When to try again if Redis did not answer: the time its breaker takes to let a request probe. */
const UNAVAILABLE_RETRY_MS = 1_000;

/** Asks a rule. 1 command. */
export async function ask(
  { redis, memory, log }: { redis: RedisClient; memory: LimitMemory; log: Log },
  claim: Claim,
): Promise<Answer> {
  try {
    const { allowed, remaining, resetMs, counted } = await take(redis, claim);
    const state = allowed
      ? passage(claim, remaining, resetMs)
      : refusal(claim, { remaining, retryAfterMs: latestRetry(claim) });
    return { claim, state, counted: counted ? 'redis' : null, refusedByRedis: !allowed };
  } catch (error) {
    if (!(error instanceof RedisError)) throw error;
    if (isRefusal(error) && !memory.mayLogRefusal(claim.rule.name, claim.now)) return decideAlone(claim, memory);
    log.warn('limit.unavailable', { rule: claim.rule.name, whenDown: claim.rule.whenDown, code: error.code });
    return decideAlone(claim, memory);
  }
}

/** The state of a rule that lets a claim pass. */
function passage(claim: Claim, remaining: number | null, resetMs = untilChunkEnds(claim)): RuleState {
  return { ...basis(claim), allowed: true, remaining, resetMs, retryAfterMs: 0 };
}

/** The state of a rule that refuses a claim. */
export function refusal(claim: Claim, { remaining, retryAfterMs }: Outlook | UnknownOutlook): RuleState {
  return { ...basis(claim), allowed: false, remaining, resetMs: retryAfterMs, retryAfterMs };
}

interface UnknownOutlook {
  remaining: null;
  retryAfterMs: number;
}

function decideAlone(claim: Claim, memory: LimitMemory): Answer {
  const alone = (state: RuleState, counted: Answer['counted'] = null): Answer => ({
    claim,
    state: { ...state, degraded: true },
    counted,
    refusedByRedis: false,
  });
  switch (claim.rule.whenDown) {
    case 'open':
      return alone(passage(claim, null));
    case 'closed':
      return alone(refusal(claim, { remaining: null, retryAfterMs: UNAVAILABLE_RETRY_MS }));
    case 'local': {
      const left = memory.takeLocally(claim);
      if (left !== null) return alone(passage(claim, left), 'locally');
      return alone(refusal(claim, { remaining: 0, retryAfterMs: untilChunkEnds(claim) }));
    }
  }
}

function basis({ rule: { name, window } }: Claim) {
  return { rule: name, limit: window.limit, windowMs: window.windowMs, degraded: false };
}
