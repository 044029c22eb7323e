/**
 * Starts the app's servers once for all scenarios that measure the app: a PostgreSQL, and the local cloud with the
 * demo data, which uses this PostgreSQL and the benchmark's Redis.
 */
import { type CloudAddresses, startCloud } from './cloud.ts';
import { startBenchPostgres } from './postgres.ts';

/** The running servers of the app. */
export interface House {
  cloud: CloudAddresses;
  /** The name and version of the database, for the notes. */
  database: string;
  close(): Promise<void>;
}

/** Returns functions that start the servers at the first call of `open`, and stop them. */
export function createHouse(redisUrl: string) {
  let starting: Promise<House> | undefined;
  return {
    open(): Promise<House> {
      starting ??= startHouse(redisUrl);
      return starting;
    },
    async close(): Promise<void> {
      await (await starting)?.close();
    },
  };
}

async function startHouse(redisUrl: string): Promise<House> {
  const postgres = await startBenchPostgres();
  try {
    const { close, ...cloud } = await startCloud(redisUrl, postgres.url);
    return {
      cloud,
      database: postgres.name,
      async close() {
        await close();
        postgres.close();
      },
    };
  } catch (error) {
    postgres.close();
    throw error;
  }
}
