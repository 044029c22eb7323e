/**
 * The common part of `npm run cloud` and `npm run dev`. It starts the parts and prints all addresses, first as text,
 * then as one line of JSON for programs. It runs until Ctrl-C or until a part crashes, and then stops the parts.
 *
 * package.json starts both commands with V8's flag `--liftoff-only`, which turns off the optimising compiler for
 * WebAssembly. Otherwise V8 would optimise the code of the embedded PostgreSQL, which takes 550 MB during the start and
 * 60 MB afterwards. V8 accepts this flag only on the command line.
 */
import { type LocalCloudError, messageOf } from '../cloud/errors.ts';
import { homePage } from '../cloud/home-page.ts';
import { type ApplicationDatabase, type LocalCloud, startLocalCloud } from '../cloud/local-cloud.ts';
import { DEFAULT_PORTS, DEFAULT_WORKER_PORT } from '../cloud/ports.ts';
import { announceRunning, dataFolderPath, forgetRunning } from '../cloud/running.ts';
import { sdkDevPort } from '../qstash/sdk-dev-mode.ts';
import { type DataFolder, openDataFolder } from '../saved/folder.ts';
import type { Front } from '../worker/front.ts';
import type { WorkerProcess } from '../worker/process.ts';
import { watchNpm } from './npm-watch.ts';

/** The application that `npm run dev` starts on top of the cloud. */
export interface Api {
  /**
   * The address of the application. At the end, it is closed after all other parts; only the data folder is closed
   * later.
   */
  front: Front;
  /** Makes QStash trigger the application's schedules each minute. */
  startTicks?(cloud: LocalCloud, url: string): Promise<void>;
  start(
    cloud: LocalCloud,
    callbacks: { log: (line: string) => void; onCrash: (error: LocalCloudError) => void },
  ): Promise<WorkerProcess>;
}

/** The parts of a command in addition to the servers of the local cloud. */
export interface CommandParts {
  api?: Api;
  /** The application's schema and demo data; by default the database stays unchanged. */
  database?: ApplicationDatabase;
}

/** The command-line argument for starting with empty servers. */
export const FRESH = '--fresh';

/** Runs the command to its end, and exits with 0 after a signal and 1 after a failure. */
export async function runCommand({ api, database }: CommandParts = {}): Promise<void> {
  const began = performance.now();
  const log = (line: string): void => console.log(line);
  const { promise: ended, resolve: end } = Promise.withResolvers<LocalCloudError | undefined>();
  process.once('SIGINT', () => end(undefined));
  process.once('SIGTERM', () => end(undefined));
  watchNpm(() => end(undefined));
  let folder: DataFolder | undefined;
  let cloud: LocalCloud | undefined;
  let worker: WorkerProcess | undefined;

  async function start(): Promise<void> {
    const { REDIS_URL, DATABASE_URL, QSTASH_DEV_PORT } = process.env;
    const path = dataFolderPath();
    folder = await openDataFolder(path, { fresh: process.argv.includes(FRESH) });
    if (folder) log(`data: ${path}`);
    else log(`${path} is used by another local cloud: this one keeps no data`);
    if (folder) await forgetRunning(folder);
    cloud = await startLocalCloud({
      ...(REDIS_URL && { redisUrl: REDIS_URL }),
      ...(DATABASE_URL && { databaseUrl: DATABASE_URL }),
      ...(api && { appUrl: api.front.url, holdDeliveries: true }),
      ...(folder && { folder }),
      ...(database && { application: database }),
      ports: { ...DEFAULT_PORTS, qstash: sdkDevPort(QSTASH_DEV_PORT) },
      log,
      onCrash: end,
    });
    if (api) log('worker: building');
    worker = await api?.start(cloud, { log, onCrash: end });
    const appUrl = api?.front.url ?? `http://localhost:${DEFAULT_WORKER_PORT}`;
    await api?.startTicks?.(cloud, appUrl);
    if (folder) await announceRunning(folder, cloud, appUrl, DATABASE_URL ? undefined : cloud.postgres.url);
    const running = cloud;
    api?.front.show(() => homePage({ ...running, port: api.front.port, now: Date.now() }));
    announce(cloud, api?.front.url ?? null, (performance.now() - began) / 1_000);
  }

  let exitCode = 0;
  try {
    const failure = await Promise.race([start().then(() => ended), ended]);
    if (failure !== undefined) throw failure;
  } catch (error) {
    console.error(messageOf(error));
    exitCode = 1;
  }
  await worker?.close();
  await cloud?.close();
  await api?.front.close();
  await folder?.close();
  process.exit(exitCode);
}

function announce(cloud: LocalCloud, api: string | null, seconds: number): void {
  const rows = [
    ...(api === null
      ? []
      : [
          ['API', api],
          ['Console', `${api}/console`],
          ['Live board', `${api}/live`],
        ]),
    ['Redis REST', `${cloud.redisRest.url}   token ${cloud.redisRest.token}`],
    ['Redis', cloud.redis.url],
    ['Postgres', withoutPassword(cloud.postgres.url)],
    ['QStash', `${cloud.qstash.url}/_emulator   token ${cloud.qstash.token}`],
    ['Mail', cloud.mail.url],
    ...(cloud.demoKey === null ? [] : [['Demo API key', cloud.demoKey]]),
    ...(cloud.demo === null ? [] : [['Demo user', `${cloud.demo.email}   password ${cloud.demo.password}`]]),
    ...(cloud.demoFactor === null
      ? []
      : [['Second factor', `of ${cloud.demoFactor.emails.join(', ')}   secret of the app ${cloud.demoFactor.secret}`]]),
  ];
  console.log(
    `\n${rows.map(([name = '', value = '']) => `  ${name.padEnd(13)} ${value}`).join('\n')}\n\n  Ready after ${seconds.toFixed(1)} s. Ctrl-C stops everything.\n`,
  );
  const { redisRest, redis, qstash, postgres, mail, s3, demoKey, demo } = cloud;
  console.log(
    JSON.stringify({
      ready: true,
      api,
      redisRest: { url: redisRest.url, token: redisRest.token },
      redis: redis.url,
      qstash,
      postgres: postgres.url,
      mail: mail.url,
      s3,
      demoKey,
      demo,
    }),
  );
}

/** Hides the password in a database URL before the URL is printed, because `DATABASE_URL` may name a real database. */
function withoutPassword(url: string): string {
  return url.replace(/(\/\/[^:/@]*):[^@]*@/, '$1:***@');
}
