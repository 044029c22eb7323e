/** The services of backups: Redis by its REST API, and the seal of the files. */
import type { Environment } from '../../src/app/env.ts';
import { createIsolate } from '../../src/app/isolate.ts';
import { beginEra } from '../../src/platform/cache/index.ts';
import type { Log } from '../../src/platform/log.ts';
import { tellProcesses } from '../../src/platform/memory-channel.ts';
import {
  createBreaker,
  createRedisMeter,
  createTransport,
  RedisClient,
  type Sealer,
} from '../../src/platform/redis/index.ts';
import type { System } from '../../src/platform/system.ts';
import type { Ask } from '../saved/keys.ts';
import { BackupFileError } from './file.ts';
import { askOverRest } from './rest.ts';

/** The services of a backup, a restore and a new era. */
export interface BackupServices {
  ask: Ask;
  redis: RedisClient;
  system: Pick<System, 'now' | 'token'>;
  log: Log;
}

/** The time limit of a command, in ms: an operator waits longer than a request. */
const LIMIT_MS = 10_000;

/** Makes the services from the settings of a deployment, without I/O. */
export function backupServices(environment: Environment): BackupServices {
  const { system, log } = createIsolate({ environment });
  const address = { url: environment.UPSTASH_REDIS_REST_URL, token: environment.UPSTASH_REDIS_REST_TOKEN };
  const now = () => system.now();
  const transport = createTransport({
    ...address,
    meter: createRedisMeter(),
    breaker: createBreaker({ now }),
    now,
    timeout: LIMIT_MS,
  });
  return { ask: askOverRest(address), redis: new RedisClient(transport), system, log };
}

/**
 * Returns the sealer of SEAL_KEYS.
 * @throws {BackupFileError} without SEAL_KEYS: a backup has sessions, so it is never written in plain text.
 */
export function backupSealer(environment: Environment): Sealer {
  const { sealer } = createIsolate({ environment });
  if (!sealer) throw new BackupFileError('Set SEAL_KEYS: a backup is sealed with them');
  return sealer;
}

/** Begins an era, and tells the processes that listen to drop their memories. */
export async function startEra({ redis, system, log }: BackupServices): Promise<void> {
  await beginEra(redis, system.token());
  tellProcesses({ redis, log })('all');
}
