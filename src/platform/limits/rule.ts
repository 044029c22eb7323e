/**
 * Rules: a rule sets a limit for callers, and decides about requests while Redis does not answer. A rule is a value
 * that is made at module load, without I/O.
 */
import { Ratelimit } from '@upstash/ratelimit';
import { key, NO_TENANT, type RedisKey } from '../redis/index.ts';
import { callerOf } from './address.ts';
import { LimitError } from './errors.ts';
import type { Window } from './window.ts';

/** The caller of a request. An application may add fields for its own rules. */
export interface Subject {
  /** The tenant that the caller belongs to or claims to belong to; `NO_TENANT` for callers without a tenant. */
  readonly tenant: string;
  /** The IP address from the platform, never an address from a header that a client can write. */
  readonly ip: string | undefined;
  readonly user?: string | undefined;
  readonly [more: string]: string | undefined;
}

/** The treatment of a request when Redis does not answer. */
export type WhenDown =
  /** The request passes. */
  | 'open'
  /** The request is refused. Use this for signing in, codes and payments. */
  | 'closed'
  /** This isolate counts its own requests, with the same limit. */
  | 'local';

/** The declaration of a rule. */
export interface RuleDefinition {
  window: Window;
  /**
   * The requests that are counted together. `user`: the requests of one user of a tenant, or of one address if no user
   * is signed in. `ip`: the requests of one address to all tenants. `tenant`: all requests of one tenant. A function:
   * the requests for which it returns the same name, within a tenant.
   */
  by: 'user' | 'ip' | 'tenant' | ((subject: Subject) => string);
  /** The cost of a request, unless the check names another cost. Default 1. */
  cost?: number;
  whenDown: WhenDown;
}

/** The identity that a rule counts. */
export interface Identity {
  /** The key of the counts. The chunks of a window add `:` and a number. */
  readonly key: RedisKey;
  /**
   * `true` if unverified credentials claim the identity. If the credentials are false, the consumed units are refunded.
   */
  readonly claimed: boolean;
}

/** A declared rule. */
export interface Rule {
  readonly name: string;
  readonly window: Window;
  readonly cost: number;
  readonly whenDown: WhenDown;
  identify(subject: Subject): Identity;
  /** The library's algorithm. */
  readonly algorithm: Algorithm;
}

/** An algorithm of `@upstash/ratelimit`, not yet bound to Redis. */
export type Algorithm = ConstructorParameters<typeof Ratelimit>[0]['limiter'];

/** The form of names, which appear in keys, headers and logs. */
const NAME = /^[a-z][a-z0-9-]{0,63}$/;

/**
 * Declares a rule.
 * @param name the unique name, which clients see as the name of the policy
 * @throws {LimitError} `LIMIT_RULE` or `LIMIT_COST` if the declaration is not valid
 * @example
 * ```ts
 * export const apiByUser = rule('api-user', { window: sliding(100, '1m'), by: 'user', whenDown: 'open' });
 * ```
 */
export function rule(name: string, definition: RuleDefinition): Rule {
  const { window, by, whenDown, cost = 1 } = definition;
  if (!NAME.test(name)) throw new LimitError('LIMIT_RULE', `Not a name of a rule: ${JSON.stringify(name)}`);
  const declared: Rule = {
    name,
    window,
    cost,
    whenDown,
    identify: (subject) => identify(name, by, subject),
    algorithm: algorithmOf(window),
  };
  assertCost(declared, cost);
  return declared;
}

/**
 * Checks the cost of a request. The cost is often a size that a client chooses. A negative cost would add units, and a
 * cost above the limit could never pass.
 * @throws {LimitError} `LIMIT_COST`
 */
export function assertCost({ name, window }: Rule, cost: number): void {
  if (!Number.isInteger(cost) || cost < 1) {
    throw new LimitError('LIMIT_COST', `A request cannot cost ${cost} of rule ${name}: it takes whole numbers from 1`);
  }
  if (cost > window.limit) {
    throw new LimitError(
      'LIMIT_COST',
      `A request that costs ${cost} never passes rule ${name}, which allows ${window.limit}`,
    );
  }
}

/**
 * Returns the identity to count. An address belongs to no tenant, so a caller who names many tenants still has one
 * quota.
 */
function identify(name: string, by: RuleDefinition['by'], subject: Subject): Identity {
  const { tenant, user } = subject;
  if (by === 'tenant') return { key: key(tenant, 'limit', name, 'all'), claimed: true };
  if (typeof by === 'function') return { key: key(tenant, 'limit', name, by(subject)), claimed: false };
  if (by === 'user' && user !== undefined) return { key: key(tenant, 'limit', name, user), claimed: true };
  return { key: key(NO_TENANT, 'limit', name, callerOf(subject.ip)), claimed: false };
}

function algorithmOf(window: Window): Algorithm {
  switch (window.kind) {
    case 'sliding':
      return Ratelimit.slidingWindow(window.limit, `${window.windowMs} ms`);
    case 'fixed':
      return Ratelimit.fixedWindow(window.limit, `${window.windowMs} ms`);
    case 'bucket':
      return Ratelimit.tokenBucket(window.refill, `${window.everyMs} ms`, window.limit);
  }
}
