/**
 * An isolate's memory of limits: blocked callers with the end of each block, and the counts for times when Redis does
 * not answer. Each part has a bound and may be lost. Each part holds values only, so the requests of an
 * isolate can share it.
 */
import { LRUCache } from 'lru-cache';
import type { RedisKey } from '../redis/index.ts';
import type { Charge } from './consume.ts';

/** A refusal that holds for a while. */
export interface Block {
  /** The time, in ms since the epoch, until which the isolate refuses equal requests without asking Redis. */
  readonly askAgainAt: number;
  /** When the request would pass, in ms since the epoch: at `askAgainAt` or later. */
  readonly passesAt: number;
  /** The units left when the request was refused. */
  readonly remaining: number;
}

/** The memory of one isolate. */
export interface LimitMemory {
  /** The blocks of each key by cost. A block refuses equal requests without Redis until its `askAgainAt`. */
  readonly blocks: { get(key: RedisKey): ReadonlyMap<number, Block> | undefined };
  /** Remembers that a request of this cost is refused for a while. Requests of a lower cost may pass. */
  block(key: RedisKey, cost: number, block: Block): void;
  /**
   * Counts a charge in this isolate, without Redis: up to the rule's limit in each window.
   * @returns the units left, or `null` if the charge is refused
   */
  consumeLocally(charge: Charge): number | null;
  /** Refunds the units of a charge that this isolate counted. */
  refundLocally(charge: Charge): void;
  /** Forgets the blocks and the counts of a key. */
  forget(key: RedisKey): void;
  /** Forgets that a key is blocked. */
  unblock(key: RedisKey): void;
  /** Returns whether to log that Redis refuses to count for a rule: once a minute, not for each request. */
  mayLogRefusal(rule: string, now: number): boolean;
  /** The numbers of remembered keys. */
  readonly size: { readonly blocks: number; readonly counters: number };
}

/** Settings of a {@link LimitMemory}. */
export interface LimitMemoryOptions {
  /**
   * The maximum number of blocked keys, and the maximum number of keys counted without Redis. Default 5000: at most
   * about 3 MB.
   */
  maxKeys?: number;
}

/**
 * The maximum number of costs that are remembered for one key: more than usual callers need. The bound is for callers
 * who send many different costs.
 */
const COSTS_PER_KEY = 4;

const LOG_REFUSALS_EVERY_MS = 60_000;

/** Creates an empty memory. */
export function createLimitMemory({ maxKeys = 5000 }: LimitMemoryOptions = {}): LimitMemory {
  const blocks = new LRUCache<RedisKey, Map<number, Block>>({ max: maxKeys });
  const counters = new LRUCache<RedisKey, { chunk: number; used: number }>({ max: maxKeys });
  const refusalLoggedAt = new Map<string, number>();

  const counterOf = ({ key, rule, now }: Charge) => {
    const chunk = Math.floor(now / rule.window.windowMs);
    const known = counters.get(key);
    return known?.chunk === chunk ? known : { chunk, used: 0 };
  };

  return {
    blocks,
    block(key, cost, block) {
      const costs = blocks.get(key) ?? new Map<number, Block>();
      costs.delete(cost);
      costs.set(cost, block);
      const [oldest] = costs.keys();
      if (costs.size > COSTS_PER_KEY && oldest !== undefined) costs.delete(oldest);
      blocks.set(key, costs);
    },
    consumeLocally(charge) {
      const counter = counterOf(charge);
      if (counter.used + charge.cost > charge.rule.window.limit) return null;
      counter.used += charge.cost;
      counters.set(charge.key, counter);
      return charge.rule.window.limit - counter.used;
    },
    refundLocally(charge) {
      const counter = counterOf(charge);
      counter.used = Math.max(0, counter.used - charge.cost);
    },
    forget(key) {
      blocks.delete(key);
      counters.delete(key);
    },
    unblock(key) {
      blocks.delete(key);
    },
    mayLogRefusal(rule, now) {
      const loggedAt = refusalLoggedAt.get(rule);
      if (loggedAt !== undefined && now - loggedAt < LOG_REFUSALS_EVERY_MS) return false;
      refusalLoggedAt.set(rule, now);
      return true;
    },
    get size() {
      return { blocks: blocks.size, counters: counters.size };
    },
  };
}
