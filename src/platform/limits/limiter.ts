/**
 * The limiter of a scope. It checks all rules of a request in one turn of the event loop, so that the checks join the
 * request to Redis that is sent in any case. The answers of the rules become one verdict. If one rule refuses, the
 * other rules get their units back.
 */
import { createHash } from 'node:crypto';
import type { Counters } from '../counters/index.ts';
import type { Log } from '../log.ts';
import { type RedisClient, RedisError, type RedisKey } from '../redis/index.ts';
import type { System } from '../system.ts';
import { type Answer, ask, refusal } from './answer.ts';
import { type Charge, keysOf } from './consume.ts';
import { LimitError } from './errors.ts';
import type { LimitMemory } from './memory.ts';
import { refundCharges, type Standing } from './refund.ts';
import { outlookOf } from './retry.ts';
import { assertCost, type Rule, type Subject } from './rule.ts';
import { type RuleState, type Verdict, verdictOf } from './verdict.ts';

/** The services of a limiter. */
export interface LimiterServices {
  redis: RedisClient;
  system: Pick<System, 'now'>;
  /** The memory of the isolate. */
  memory: LimitMemory;
  log: Log;
  /** Counts the requests under each rule by outcome. */
  counters?: Pick<Counters, 'count'>;
}

/** The options of a check. */
export interface CheckOptions {
  /** The cost of this request, for every rule. Default: each rule's own cost. */
  cost?: number;
}

/** The limiter of one scope. */
export interface Limiter {
  /**
   * Consumes a request's cost from each rule; if a rule refuses, from no rule.
   *
   * 1 request with 1 command for each rule. If a rule refuses, 1 more request with 1 command refunds the units of the
   * other rules and reads when the request would pass. Until that time, this isolate refuses equal requests without
   * Redis. For rules by user or tenant, the isolate asks Redis again after 5 s, because a caller with false credentials
   * may have consumed the units.
   * @throws {LimitError} `LIMIT_COST` if the cost is invalid or could never pass; no request to Redis was made
   */
  check(rules: readonly Rule[], subject: Subject, options?: CheckOptions): Promise<Verdict>;
  /**
   * Refunds the units of an allowed request whose credentials turned out to be false. Only rules by user and tenant are
   * refunded, and only once; other rules, such as rules by address, keep the units. 1 request, 1 command. If Redis does
   * not answer, the units come back with time.
   */
  refund(verdict: Verdict): Promise<void>;
  /** Lets a request of an administrator pass without a check, and counts the bypass. 0 requests. */
  bypass(rules: readonly Rule[], subject: Subject): Verdict;
  /**
   * Deletes the counts of a subject under a rule. 1 request, 1 command. Other isolates that remember the subject as
   * blocked still refuse its requests for a while.
   * @throws {RedisError}
   */
  reset(rule: Rule, subject: Subject): Promise<void>;
}

/**
 * How long this isolate remembers that an unverified identity is blocked, in ms. The time is short, because the
 * consumed units may be refunded.
 */
const CLAIMED_BLOCK_MS = 5_000;

/** Creates the limiter of a scope, without I/O. */
export function createLimiter(services: LimiterServices): Limiter {
  const { redis, system, memory, log, counters } = services;
  /** The answers whose units may be refunded, by verdict. A verdict of another limiter is unknown here. */
  const refundable = new WeakMap<Verdict, Answer[]>();

  async function check(rules: readonly Rule[], subject: Subject, { cost }: CheckOptions = {}): Promise<Verdict> {
    const charges = chargesOf(rules, subject, cost, system.now());
    const blocked = charges.flatMap((charge) => blockedState(charge) ?? []);
    if (blocked.length > 0) return count(verdictOf(blocked));

    const answers = await Promise.all(charges.map((charge) => ask(services, charge)));
    if (answers.every(({ state }) => state.allowed)) {
      const verdict = count(verdictOf(answers.map(({ state }) => state)));
      refundable.set(
        verdict,
        answers.filter(({ charge }) => charge.claimed),
      );
      return verdict;
    }
    const states = await refuse(answers);
    for (const [index, { charge, state }] of answers.entries()) {
      if (state.allowed || state.remaining === null) continue;
      const { retryAfterMs = 0 } = states[index] ?? {};
      log.warn('limit.exceeded', { rule: state.rule, who: pseudonymOf(charge.key), cost: charge.cost, retryAfterMs });
    }
    return count(verdictOf(states));
  }

  /** Returns the state of a charge that this isolate remembers as blocked. */
  function blockedState(charge: Charge): RuleState | undefined {
    const block = memory.blocks.get(charge.key)?.get(charge.cost);
    if (!block || charge.now >= block.askAgainAt) return undefined;
    return refusal(charge, { remaining: block.remaining, retryAfterMs: block.passesAt - charge.now });
  }

  /**
   * Refunds all units of a refused request, and reads when each rule that refused would let the request pass.
   * @returns the states of all rules after the refund
   */
  async function refuse(answers: readonly Answer[]): Promise<RuleState[]> {
    const standings = await giveBack(answers).catch(unlessUnavailable(new Map<Charge, Standing>()));
    return answers.map(({ charge, state, refusedByRedis }) => {
      const standing = standings.get(charge);
      if (!standing) return state;
      const outlook = outlookOf(charge, standing);
      if (!refusedByRedis) return { ...state, remaining: outlook.remaining };
      const passesAt = charge.now + outlook.retryAfterMs;
      const askAgainAt = charge.claimed ? Math.min(passesAt, charge.now + CLAIMED_BLOCK_MS) : passesAt;
      memory.block(charge.key, charge.cost, { askAgainAt, passesAt, remaining: outlook.remaining });
      return refusal(charge, outlook);
    });
  }

  /** Refunds the counted units, and reads the counts of each rule that has counted or refused the request in Redis. */
  async function giveBack(answers: readonly Answer[]): Promise<Map<Charge, Standing>> {
    for (const { charge, counted } of answers) if (counted === 'locally') memory.refundLocally(charge);
    const asked = answers.filter(({ counted, refusedByRedis }) => counted === 'redis' || refusedByRedis);
    return refundCharges(
      redis,
      asked.map(({ charge, counted }) => ({ charge, giveBack: counted === 'redis' })),
    );
  }

  async function refund(verdict: Verdict): Promise<void> {
    const answers = refundable.get(verdict) ?? [];
    refundable.delete(verdict);
    await giveBack(answers).catch(unlessUnavailable(undefined));
    for (const { charge } of answers) memory.unblock(charge.key);
  }

  function bypass(rules: readonly Rule[], subject: Subject): Verdict {
    for (const { name } of rules) counters?.count('limits.requests', { rule: name, outcome: 'bypassed' });
    const who = pseudonymOf(JSON.stringify([subject.tenant, subject.user, subject.ip]));
    log.info('limit.bypassed', { rules: rules.map(({ name }) => name), who });
    return { ...verdictOf([]), bypassed: true };
  }

  async function reset(rule: Rule, subject: Subject): Promise<void> {
    const identity = rule.identify(subject);
    await redis.del(...keysOf({ ...identity, rule, cost: rule.cost, now: system.now() }));
    memory.forget(identity.key);
  }

  function count(verdict: Verdict): Verdict {
    for (const { rule, allowed, degraded } of verdict.states) {
      const outcome = degraded ? 'unavailable' : allowed ? 'allowed' : 'limited';
      counters?.count('limits.requests', { rule, outcome });
    }
    return verdict;
  }

  return { check, refund, bypass, reset };
}

function chargesOf(rules: readonly Rule[], subject: Subject, cost: number | undefined, now: number): Charge[] {
  if (new Set(rules.map(({ name }) => name)).size !== rules.length) {
    throw new LimitError('LIMIT_RULE', `A rule is listed twice in ${rules.map(({ name }) => name).join(', ')}`);
  }
  return rules.map((rule) => {
    const units = cost ?? rule.cost;
    assertCost(rule, units);
    return { ...rule.identify(subject), rule, cost: units, now };
  });
}

/**
 * Returns a handler that replaces a Redis error by a value. A lost refund does no harm, because units return with time.
 */
function unlessUnavailable<Value>(value: Value): (error: unknown) => Value {
  return (error) => {
    if (error instanceof RedisError) return value;
    throw error;
  };
}

/**
 * Returns a pseudonym for logs. The pseudonym is too short to identify a caller: about 256 IPv4 addresses share each
 * value.
 */
function pseudonymOf(who: RedisKey | string): string {
  return createHash('sha256').update(who).digest('hex').slice(0, 6);
}
