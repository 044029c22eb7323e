/**
 * Counts of refused deliveries, by reason. An isolate counts its refusals, and flushes its counters after the response,
 * at most every few seconds. So an attacker with false keys causes few requests, and every
 * isolate can show the shared counts.
 */
import { type ReadScope, readCounters } from '../../counters/index.ts';
import type { BaseScope } from '../scope.ts';

/** The reasons for a refusal. `replay`: the same delivery has already run its job. */
export const REFUSALS = [
  'missing',
  'malformed',
  'key',
  'expired',
  'issuer',
  'url',
  'claims',
  'body',
  'replay',
] as const;
/** A reason of `REFUSALS`. A reason never quotes the request. */
export type Refusal = (typeof REFUSALS)[number];

/** The number of refused deliveries for each reason. */
export type RefusalCounts = Record<Refusal, number>;

/** The counts of an isolate. */
export interface Refusals {
  /** The counts since the start of the isolate. */
  readonly isolate: Readonly<RefusalCounts>;
  /** Counts one refusal. At most 1 request to Redis per `COUNTERS_FLUSH_MS`, after the response. */
  note(scope: Pick<BaseScope, 'redis' | 'environment' | 'counters' | 'after'>, reason: Refusal): void;
}

/** Creates the counts of an isolate, which begin at zero. */
export function createRefusals(): Refusals {
  const isolate = zero();
  return {
    isolate,
    note({ redis, environment, counters, after }, reason) {
      isolate[reason] += 1;
      counters.count('deliveries.refused', { reason });
      // Other requests may never come to this isolate.
      after(async () => {
        if (counters.isFlushDue(environment.COUNTERS_FLUSH_MS)) await counters.flush(redis);
      });
    },
  };
}

/**
 * Reads the shared counts of today (UTC). 1 request, 1 command.
 * @throws {RedisError}
 */
export async function readRefusals(scope: ReadScope): Promise<RefusalCounts> {
  const today = await readCounters(scope, { group: 'deliveries', window: 'today' });
  return Object.fromEntries(
    REFUSALS.map((reason) => [reason, today.sum('deliveries.refused', { reason })]),
  ) as RefusalCounts;
}

function zero(): RefusalCounts {
  return Object.fromEntries(REFUSALS.map((reason) => [reason, 0])) as RefusalCounts;
}
