/**
 * The address of the running local cloud: a file in the data folder. The local cloud writes the file, and commands
 * such as `npm run cache:warm` read it. Commands ignore the file if no process uses the folder.
 */
import { existsSync } from 'node:fs';
import { readFile, rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { startPostgres } from '../postgres/start.ts';
import { type DataFolder, isInUse, openDataFolder } from '../saved/folder.ts';
import { appVariables } from './app-environment.ts';
import type { LocalCloud } from './local-cloud.ts';

/** The environment of an application on a local cloud. If the developer chose a database, its URL is not included. */
export type RunningCloud = Record<string, string>;

const FILE = 'running.json';

/** The error of a command that finds no servers. The message says how the developer can name servers. */
export class NoLocalCloudError extends Error {
  override readonly name = 'NoLocalCloudError';
  readonly code = 'NO_LOCAL_CLOUD';
}

/**
 * Returns the path of the data folder of the embedded servers: the value of `HOLDFAST_DATA`, or else the folder
 * `.holdfast` in the project.
 */
export function dataFolderPath({ HOLDFAST_DATA }: NodeJS.ProcessEnv = process.env): string {
  return HOLDFAST_DATA ?? fileURLToPath(new URL('../../.holdfast', import.meta.url));
}

/** Writes the file of a cloud that is ready. `database` is the URL of the cloud's embedded database, if it has one. */
export async function announceRunning(
  folder: DataFolder,
  cloud: LocalCloud,
  appUrl: string,
  database: string | undefined,
): Promise<void> {
  const running: RunningCloud = {
    ...appVariables(cloud, appUrl),
    // The commands of an operator have all rights, such as those of a backup.
    UPSTASH_REDIS_REST_TOKEN: cloud.redisRest.token,
    ...(database && { DATABASE_URL: database }),
  };
  const draft = folder.path(`${FILE}.draft`);
  await writeFile(draft, JSON.stringify(running), { mode: 0o600 });
  await rename(draft, folder.path(FILE));
}

/** Removes the file of an earlier cloud. */
export async function forgetRunning(folder: DataFolder): Promise<void> {
  await rm(folder.path(FILE), { force: true });
}

/** Reads the environment of the cloud that runs on a data folder; undefined if no cloud is running and ready. */
export async function findRunning(folder = dataFolderPath()): Promise<RunningCloud | undefined> {
  if (!(await isInUse(folder))) return undefined;
  const text = await readFile(join(folder, FILE), 'utf8').catch(() => undefined);
  return text === undefined ? undefined : (JSON.parse(text) as RunningCloud);
}

/**
 * Runs work on the database of `DATABASE_URL`. Without this variable, runs it on the local cloud's database, whether
 * the cloud is running or not.
 *
 * @throws NoLocalCloudError if neither database can be used
 */
export async function withDatabase<Result>(work: (connectionString: string) => Promise<Result>): Promise<Result> {
  const { DATABASE_URL } = process.env;
  if (DATABASE_URL) return work(DATABASE_URL);
  const path = dataFolderPath();
  const running = await findRunning(path);
  if (running?.['DATABASE_URL']) return work(running['DATABASE_URL']);
  if (!existsSync(join(path, 'postgres'))) {
    throw new NoLocalCloudError(`Set DATABASE_URL, or start \`npm run dev\` once: ${path} has no database`);
  }
  const folder = await openDataFolder(path);
  if (folder === undefined) {
    throw new NoLocalCloudError('Set DATABASE_URL: the local cloud is still starting, or uses a database of its own');
  }
  try {
    const database = await startPostgres({ folder: folder.path('postgres') });
    return await work(database.url).finally(database.close);
  } finally {
    await folder.close();
  }
}
