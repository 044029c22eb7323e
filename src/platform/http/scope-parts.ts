/** The services that the middleware of every request needs. */
import type { CacheOutcome } from '../cache/index.ts';
import type { QueryMeter } from '../db/index.ts';
import type { Limiter, Rule } from '../limits/index.ts';
import type { RedisMeter } from '../redis/index.ts';
import type { Usage } from '../usage/index.ts';
import type { ApiKeyRecords } from './api-key.ts';

/** The services of the gate. */
export interface GateScope {
  readonly limiter: Limiter;
  /** The rules that count every request to a route with a gate. */
  readonly apiRules: readonly Rule[];
  /** The query of the records of API keys. */
  readonly apiKeyRecords: ApiKeyRecords;
  /** Counts active users. */
  readonly usage: Pick<Usage, 'note' | 'nameOf'>;
}

/** The costs of a request so far. */
export interface CostScope {
  readonly redisMeter: RedisMeter;
  /** The SQL statements of the scope. */
  readonly queryMeter: Readonly<QueryMeter>;
  /** The outcomes of the route's reads, for `X-Cache`. */
  readonly reads: { outcome: CacheOutcome; query: string }[];
}
