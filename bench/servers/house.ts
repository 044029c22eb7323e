/**
 * The app's servers, started once for all scenarios that need them: a PostgreSQL, and the local cloud with the demo
 * data on it and the benchmark's Redis.
 */
import { type CloudAddresses, startCloud } from './cloud.ts';
import { startBenchPostgres } from './postgres.ts';

/** A running one. */
export interface House {
  cloud: CloudAddresses;
  /** Name and version of the database, for the notes. */
  database: string;
  close(): Promise<void>;
}

/** Starts the servers at the first call, once. */
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
