/** The spans of requests to Redis and of SQL statements. Neither has arguments or values. */
import { fingerprintOf } from '../platform/counters/index.ts';
import type { SentRequest } from '../platform/redis/index.ts';
import type { EndedSpan } from '../platform/telemetry/index.ts';

/** Returns the span of a request to Redis. */
export function redisSpan({ commands, calls, ms, code }: SentRequest): EndedSpan {
  return {
    name: commands === 1 ? ([...calls.keys()][0] ?? 'command') : 'pipeline',
    kind: 'client',
    ms,
    attributes: {
      'db.system.name': 'redis',
      'db.operation.batch.size': commands,
      'holdfast.commands': [...calls.keys()],
      ...(code === null ? {} : { 'error.type': code }),
    },
    failed: code !== null,
  };
}

/** Returns the span of a statement. Its fingerprint finds the text in the console. */
export function statementSpan(sql: string, ms: number): EndedSpan {
  const operation = /^\s*(\w+)/.exec(sql)?.[1]?.toUpperCase() ?? 'SQL';
  return {
    name: operation,
    kind: 'client',
    ms,
    attributes: {
      'db.system.name': 'postgresql',
      'db.operation.name': operation,
      'holdfast.statement': fingerprintOf(sql),
    },
  };
}
