/** The environment of a command: that of the process, or that of the running local cloud. */
import { type Environment, readEnvironment } from '../../src/app/env.ts';
import { findRunning, NoLocalCloudError } from './running.ts';

/**
 * Returns the environment of the process if it names a Redis, and otherwise that of the running local cloud.
 * @throws {NoLocalCloudError} if no local cloud runs.
 * @throws {EnvironmentError} if a variable is missing or wrong.
 */
export async function findEnvironment(): Promise<Environment> {
  if (process.env['UPSTASH_REDIS_REST_URL']) return readEnvironment(process.env);
  const running = await findRunning();
  if (running === undefined) {
    throw new NoLocalCloudError('Start `npm run dev`, or set UPSTASH_REDIS_REST_URL and the other variables');
  }
  return readEnvironment({ ...running, ...process.env });
}
