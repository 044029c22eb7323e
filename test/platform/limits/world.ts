/** Isolates with limiters over one Redis: each with a memory and a clock of its own, and a scope for every check. */

import { createCounters } from '../../../src/platform/counters/index.ts';
import {
  createLimiter,
  createLimitMemory,
  type Rule,
  type Subject,
  type Verdict,
} from '../../../src/platform/limits/index.ts';
import { createLog } from '../../../src/platform/log.ts';
import { createIsolate } from '../../support/isolate.ts';
import { logRecord } from '../../support/log-record.ts';
import type { startRest } from '../../support/rest.ts';

export type Rest = Awaited<ReturnType<typeof startRest>>['rest'];

/** A time at which every window of these tests begins a chunk. */
export const NOON = Date.UTC(2026, 10, 20, 12);

export interface LimitIsolateOptions {
  rest: { url: string; token: string };
  /** Default: always `NOON`. */
  now?: () => number;
  timeout?: number;
  fetch?: typeof fetch;
  maxKeys?: number;
}

/** The verdict and the cost of a check. */
export interface Checked {
  verdict: Verdict;
  requests: number;
  commands: number;
}

export function limitIsolate({ rest, now = () => NOON, timeout, fetch, maxKeys }: LimitIsolateOptions) {
  const isolate = createIsolate({
    rest,
    system: { now },
    ...(timeout === undefined ? {} : { timeout }),
    ...(fetch ? { fetch } : {}),
  });
  const memory = createLimitMemory(maxKeys === undefined ? {} : { maxKeys });
  const counters = createCounters({ now, token: () => 'isolate' });
  const lines: string[] = [];
  const log = createLog({
    now,
    write(line) {
      lines.push(line);
      logRecord().line('a limiter', line);
    },
  });
  function scope() {
    const { redis, meter } = isolate.scope('-');
    return { redis, meter, limiter: createLimiter({ redis, system: { now }, memory, log, counters }) };
  }
  return {
    memory,
    counters,
    lines,
    scope,
    events: () => lines.map((line) => JSON.parse(line) as Record<string, unknown>),
    /** A check in a scope of its own. */
    async check(rules: readonly Rule[], subject: Subject, cost?: number): Promise<Checked> {
      const { limiter, meter } = scope();
      const verdict = await limiter.check(rules, subject, cost === undefined ? {} : { cost });
      return { verdict, requests: meter.requests, commands: meter.commands };
    },
  };
}

/** Loads the scripts of the library and ours into Redis, so that costs are those of a Redis in use. */
export async function warm(rest: Rest, rules: readonly Rule[], tenant: string): Promise<void> {
  const isolate = limitIsolate({ rest });
  for (const rule of rules) {
    const subject: Subject = { tenant, ip: '198.51.100.1', user: 'warm' };
    let allowed = true;
    while (allowed) allowed = (await isolate.check([rule], subject, rule.window.limit)).verdict.allowed;
  }
}

/** The keys in Redis that match a pattern. */
export async function keysLike(rest: Rest, pattern: string): Promise<string[]> {
  const { redis } = limitIsolate({ rest }).scope();
  const keys: string[] = [];
  let cursor = '0';
  do {
    const [next, found] = await redis.scan(cursor, { match: pattern, count: 1000 });
    keys.push(...found);
    cursor = next;
  } while (cursor !== '0');
  return keys.sort();
}
