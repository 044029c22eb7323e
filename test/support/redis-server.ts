/**
 * Whether tests can start a redis-server. Suites about the faults of a real server are left out where none is installed;
 * CI installs one, and fails without it.
 */
import { spawnSync } from 'node:child_process';

export { type RedisServer, startRedisServer } from '../../dev/redis/redis-server.ts';

/** Whether a redis-server can be started here. In CI this is required. */
export const hasRedisServer: boolean =
  spawnSync('redis-server', ['--version']).status === 0 || process.env['CI'] === 'true';
