/**
 * Shows the costs of a request in its answer. `X-Cache` shows the source of the data. `Server-Timing` (W3C) shows the
 * numbers of Redis requests, Redis commands and SQL queries, and their times.
 */
import type { MiddlewareHandler } from 'hono';
import type { CacheOutcome } from '../cache/index.ts';
import type { AppEnv } from './scope.ts';
import type { CostScope } from './scope-parts.ts';

/** The outcomes from best to worst: an answer made of several reads reports the worst outcome. */
const ORDER: readonly CacheOutcome[] = ['HIT', 'STALE', 'MISS', 'BYPASS'];

/** Adds `X-Cache` and `Server-Timing` to every answer, errors included. */
export function costs(): MiddlewareHandler<AppEnv> {
  return async function costs(c, next) {
    await next();
    const scope = c.get('scope');
    // `c.header` would make a new response, here and in the other middleware of every request.
    c.res.headers.set('x-cache', worstOutcome(scope.reads.map(({ outcome }) => outcome)));
    c.res.headers.set('server-timing', serverTiming(scope));
  };
}

/** Returns the outcome to report for a set of reads. Without a cached read the outcome is a bypass. */
export function worstOutcome(outcomes: readonly CacheOutcome[]): CacheOutcome {
  if (outcomes.length === 0) return 'BYPASS';
  return outcomes.reduce((worst, outcome) => (ORDER.indexOf(outcome) > ORDER.indexOf(worst) ? outcome : worst), 'HIT');
}

function serverTiming({ redisMeter, queryMeter }: CostScope): string {
  const redis = `redis;dur=${round(redisMeter.ms)};desc="${count(redisMeter.requests, 'request')}, ${count(redisMeter.commands, 'command')}"`;
  const { queries, ms } = queryMeter;
  return `${redis}, db;dur=${round(ms)};desc="${queries} ${queries === 1 ? 'query' : 'queries'}"`;
}

function count(amount: number, noun: string): string {
  return `${amount} ${noun}${amount === 1 ? '' : 's'}`;
}

function round(ms: number): number {
  return Math.round(ms * 10) / 10;
}
