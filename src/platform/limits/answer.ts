/** Decides about one charge of one rule: with Redis, or by the rule's `whenDown` if Redis does not answer. */
import type { Log } from '../log.ts';
import { isRefusal, type RedisClient, RedisError } from '../redis/index.ts';
import { type Charge, consume, untilChunkEnds } from './consume.ts';
import type { LimitMemory } from './memory.ts';
import { latestRetry, type Outlook } from './retry.ts';
import type { RuleState } from './verdict.ts';

/** The answer of a rule. */
export interface Answer {
  readonly charge: Charge;
  readonly state: RuleState;
  /** Where the cost was counted; `null` if the cost was not counted. */
  readonly counted: 'redis' | 'locally' | null;
  /** `true` if Redis refused the charge. Then the counts in Redis show when the request would pass. */
  readonly refusedByRedis: boolean;
}

/**
 * The time after which a caller may try again if Redis did not answer, in ms: then the circuit breaker of Redis allows
 * a probe.
 */
const UNAVAILABLE_RETRY_MS = 1_000;

/** Consumes the cost of a charge and returns the rule's answer. 1 command. */
export async function ask(
  { redis, memory, log }: { redis: RedisClient; memory: LimitMemory; log: Log },
  charge: Charge,
): Promise<Answer> {
  try {
    const { allowed, remaining, resetMs, counted } = await consume(redis, charge);
    const state = allowed
      ? passage(charge, remaining, resetMs)
      : refusal(charge, { remaining, retryAfterMs: latestRetry(charge) });
    return { charge, state, counted: counted ? 'redis' : null, refusedByRedis: !allowed };
  } catch (error) {
    if (!(error instanceof RedisError)) throw error;
    if (isRefusal(error) && !memory.mayLogRefusal(charge.rule.name, charge.now)) return decideAlone(charge, memory);
    log.warn('limit.unavailable', { rule: charge.rule.name, whenDown: charge.rule.whenDown, code: error.code });
    return decideAlone(charge, memory);
  }
}

/** Returns the state of a rule that lets a charge pass. */
function passage(charge: Charge, remaining: number | null, resetMs = untilChunkEnds(charge)): RuleState {
  return { ...basis(charge), allowed: true, remaining, resetMs, retryAfterMs: 0 };
}

/** Returns the state of a rule that refuses a charge. */
export function refusal(charge: Charge, { remaining, retryAfterMs }: Outlook | UnknownOutlook): RuleState {
  return { ...basis(charge), allowed: false, remaining, resetMs: retryAfterMs, retryAfterMs };
}

interface UnknownOutlook {
  remaining: null;
  retryAfterMs: number;
}

function decideAlone(charge: Charge, memory: LimitMemory): Answer {
  const alone = (state: RuleState, counted: Answer['counted'] = null): Answer => ({
    charge,
    state: { ...state, degraded: true },
    counted,
    refusedByRedis: false,
  });
  switch (charge.rule.whenDown) {
    case 'open':
      return alone(passage(charge, null));
    case 'closed':
      return alone(refusal(charge, { remaining: null, retryAfterMs: UNAVAILABLE_RETRY_MS }));
    case 'local': {
      const left = memory.consumeLocally(charge);
      if (left !== null) return alone(passage(charge, left), 'locally');
      return alone(refusal(charge, { remaining: 0, retryAfterMs: untilChunkEnds(charge) }));
    }
  }
}

function basis({ rule: { name, window } }: Charge) {
  return { rule: name, limit: window.limit, windowMs: window.windowMs, degraded: false };
}
