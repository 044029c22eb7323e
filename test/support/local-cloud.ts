/**
 * Starts one local cloud for all suites of a run and tells them where it is. `REDIS_URL` and `DATABASE_URL` put real
 * servers in place of the embedded ones, which is how CI runs the same suites again.
 */
import type { TestProject } from 'vitest/node';
import { type LocalCloud, startLocalCloud } from '../../dev/local-cloud.ts';

export type CloudAddresses = Pick<LocalCloud, 'redis' | 'redisRest' | 'postgres' | 'qstash' | 'mail'> & {
  demoKey: string;
  demo: { email: string; password: string };
};

declare module 'vitest' {
  export interface ProvidedContext {
    cloud: CloudAddresses;
  }
}

/** Projects load this file each for themselves; what they share stands on the one global object they have in common. */
const shared = globalThis as { holdfastTestCloud?: { cloud: Promise<LocalCloud>; users: number } };

export default async function setup(project: TestProject): Promise<() => Promise<void>> {
  shared.holdfastTestCloud ??= { cloud: start(), users: 0 };
  const { holdfastTestCloud: running } = shared;
  running.users += 1;
  const { redis, redisRest, postgres, qstash, mail, demoKey, demo } = await running.cloud;
  if (demoKey === null || demo === null) throw new Error('The local cloud was started without its demo data');
  project.provide('cloud', { redis, redisRest, postgres, qstash, mail, demoKey, demo });
  return async () => {
    running.users -= 1;
    if (running.users === 0) await (await running.cloud).close();
  };
}

function start(): Promise<LocalCloud> {
  const redisUrl = process.env['REDIS_URL'];
  const databaseUrl = process.env['DATABASE_URL'];
  return startLocalCloud({ ...(redisUrl ? { redisUrl } : {}), ...(databaseUrl ? { databaseUrl } : {}) });
}
