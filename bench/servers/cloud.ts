/** Starts the local cloud, with the demo data, in a child process. */
import type { LocalCloud } from '../../dev/cloud/local-cloud.ts';
import { startChild } from './child.ts';

/** The connections that the app needs. */
export type CloudAddresses = Pick<LocalCloud, 'redisRest' | 'postgres' | 'qstash' | 'mail'>;

const TRIES = 3;

/**
 * Starts the local cloud with a Redis, and with a PostgreSQL or the embedded PGlite. `bench` is the folder of the
 * benchmark, of this tree or of an earlier commit.
 */
export async function startCloud(redisUrl: string, databaseUrl: string | null, bench = new URL('..', import.meta.url)) {
  const module = new URL('servers/cloud-process.ts', bench);
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
