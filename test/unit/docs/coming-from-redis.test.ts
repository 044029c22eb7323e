/** The page for people who come from Redis servers has each of their terms. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { ROOT } from './guide-pages.ts';

const TERMS = [
  ...[
    'ioredis',
    'node-redis',
    'connection pool',
    'pipeline',
    'MULTI',
    'EVAL',
    'Pub/Sub',
    'Redis Streams',
    'KEYS',
    'SCAN',
  ],
  ...['BullMQ', 'Bull', 'FlowProducer', 'repeatable', 'stalled jobs', 'Bull Board'],
  ...['Cluster', 'hash slots', 'Sentinel', 'failover', 'read replicas', 'WAIT'],
  ...['redis.conf', 'maxmemory', 'maxmemory-policy', 'requirepass', 'ACL', 'timeout', 'slowlog'],
  ...['eviction', 'LRU', 'allkeys-lru', 'allkeys-lfu', 'volatile-lru', 'volatile-ttl', 'noeviction'],
  ...['persistence', 'RDB', 'AOF', 'save', 'appendonly', 'appendfsync', 'BGSAVE'],
  ...['RedisJSON', 'RediSearch', 'RedisBloom', 'RedisTimeSeries'],
  ...['express-session', 'connect-redis', 'Redlock', 'rate-limiter-flexible', 'cache-manager'],
  ...['redis-cli', 'RedisInsight', 'MONITOR', 'INFO', 'redis-benchmark', 'redis_exporter', 'client-side caching'],
];

test.each(TERMS)('the page names %s', (term) => {
  const page = readFileSync(join(ROOT, 'docs/guides/coming-from-redis.md'), 'utf8');
  const word = term.replace(/[.*+?^${}()|[\]\\]/g, '\\$&');
  expect(new RegExp(`(?<![\\w-])${word}(?![\\w])`, 'i').test(page)).toBe(true);
});
