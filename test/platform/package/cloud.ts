/** The local cloud of the installed command, and the settings of an application on it. */
import { join } from 'node:path';
import { LOCAL_SECRETS } from '../../../dev/cloud/secrets.ts';
import { prepareDatabase } from './database.ts';
import { type Running, startProgram } from './process.ts';

/** The line of a cloud that is ready, as far as it is used here. */
interface Ready {
  redisRest: { url: string; token: string };
  qstash: { url: string; token: string; currentSigningKey: string; nextSigningKey: string };
  postgres: string;
}

/** A cloud with the application's tables. */
export interface InstalledCloud extends Pick<Running<Ready>, 'close'> {
  /** The environment of the application. */
  settings: Record<string, string>;
}

/** The file that `npx holdfast` runs. */
export const commandIn = (folder: string): string => join(folder, 'node_modules/.bin/holdfast');

/** Starts `holdfast cloud` with a Node. */
export async function startInstalledCloud(folder: string, node: string): Promise<InstalledCloud> {
  const { ready, close } = await startProgram<Ready>([node, commandIn(folder), 'cloud'], folder);
  const { redisRest, qstash, postgres } = ready;
  await prepareDatabase(postgres, folder);
  const settings = {
    REDIS_REST_URL: redisRest.url,
    REDIS_REST_TOKEN: redisRest.token,
    QSTASH_URL: qstash.url,
    QSTASH_TOKEN: qstash.token,
    QSTASH_CURRENT_SIGNING_KEY: qstash.currentSigningKey,
    QSTASH_NEXT_SIGNING_KEY: qstash.nextSigningKey,
    AUTH_KEYS: LOCAL_SECRETS.authKeys,
    DATABASE_URL: postgres,
  };
  return { settings, close };
}
