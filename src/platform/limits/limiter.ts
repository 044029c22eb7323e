/**
 * The limiter of a scope: asks all rules of a request in one turn, so that they share the request to Redis that is sent
 * anyway, and makes one verdict of their answers. A request that one rule refuses takes no units of the others.
 */
import { createHash } from 'node:crypto';
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
  /** The isolate's. */
  memory: LimitMemory;
  log: Log;
}

/** How to check. */
export interface CheckOptions {
  /** The cost of this request, for every rule. Default: each rule's own cost. */
  cost?: number;
}

/** The limiter of one scope. */
export interface Limiter {
  /**
   * Takes a request's cost from each rule, or, if one refuses, from none.
   *
   * 1 request with a command for each rule. If one rule refuses: one more request, 1 command, to refund the units that
   * the other rules took and to learn when the request would pass; until then this isolate refuses equal requests at
   * the cost of 0. For rules by user or tenant the isolate asks Redis again after 5 s: the units may have been taken by
   * a caller with false credentials.
   * @throws {LimitError} `LIMIT_COST` if the cost makes no sense or could never pass: nothing was asked
   */
  check(rules: readonly Rule[], subject: Subject, options?: CheckOptions): Promise<Verdict>;
  /**
   * Refunds, once, the units that an allowed request took of its rules by user and tenant: for a caller whose
   * credentials turned out to be false. Units of other rules, such as those by address, stay taken. 1 request,
   * 1 command. If Redis does not answer, the units come back with time.
   */
  refund(verdict: Verdict): Promise<void>;
  /** Lets a request pass without asking the rules, for administrators, and counts that. 0 requests. */
  bypass(rules: readonly Rule[], subject: Subject): Verdict;
  /**
   * Forgets what a subject has taken of a rule. 1 request, 1 command. Other isolates go on refusing what they know to
   * be blocked.
   * @throws {RedisError}
   */
  reset(rule: Rule, subject: Subject): Promise<void>;
}

/** How long a block of a claimed, unproven identity is remembered: the units that caused the block may be refunded. */
const CLAIMED_BLOCK_MS = 5_000;

/** Creates the limiter of a scope, without I/O. */
export function createLimiter(services: LimiterServices): Limiter {
  const { redis, system, memory, log } = services;
  /** The refundable answers by verdict. Only this limiter knows them. */
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

  /** The state of a charge that this isolate knows to be refused. */
  function blockedState(charge: Charge): RuleState | undefined {
    const block = memory.blockOf(charge.key, charge.cost, charge.now);
    return block && refusal(charge, { remaining: block.remaining, retryAfterMs: block.passesAt - charge.now });
  }

  /**
   * Ends a request that was refused: all its units are refunded, and each rule that refused is asked for how long.
   * @returns the states of all rules afterwards
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

  /** Refunds the counted units, and reads the counts of the rules that Redis counted or refused. */
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
    for (const { name } of rules) memory.count(name, 'bypassed');
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
      memory.count(rule, degraded ? 'unavailable' : allowed ? 'allowed' : 'limited');
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

/** For a promise whose failure does no harm if Redis did not answer: the units come back with time. */
function unlessUnavailable<Value>(value: Value): (error: unknown) => Value {
  return (error) => {
    if (error instanceof RedisError) return value;
    throw error;
  };
}

/** Distinguishes callers in a log. Too short to identify one: 256 IPv4 addresses share each value. */
function pseudonymOf(who: RedisKey | string): string {
  return createHash('sha256').update(who).digest('hex').slice(0, 6);
}
