/** Starts the local cloud, with the demo data, in a child process. */
import type { LocalCloud } from '../../dev/cloud/local-cloud.ts';
import { startChild } from './child.ts';

/** The connections that the app needs. */
export type CloudAddresses = Pick<LocalCloud, 'redisRest' | 'postgres' | 'qstash' | 'mail'>;

const TRIES = 3;

/** Starts the local cloud with a Redis, and with a PostgreSQL or the embedded PGlite. */
export async function startCloud(redisUrl: string, databaseUrl: string | null) {
  const module = new URL('./cloud-process.ts', import.meta.url);
  for (let tries = 1; ; tries++) {
    try {
      const child = await startChild<CloudAddresses>(module, { redisUrl, databaseUrl });
      return { ...child.ready, close: child.close };
    } catch (error) {
      // The parts of the cloud start in parallel, with time limits that may be too short on a busy machine.
      if (tries === TRIES) throw error;
    }
  }
}
