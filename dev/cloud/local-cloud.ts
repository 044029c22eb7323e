/**
 * The local cloud: all external services of the application, started on this machine. A server that the developer names
 * (`redisUrl`, `databaseUrl`) replaces an embedded part. The parts start in parallel, and stop together.
 */
import { type SavedMail, startMail } from '../mail/server.ts';
import { type EmbeddedPostgres, startPostgres } from '../postgres/start.ts';
import { type Clock, runningClock } from '../qstash/clock.ts';
import type { SavedState } from '../qstash/saved-state.ts';
import { movedHint } from '../qstash/sdk-dev-mode.ts';
import { startQstash } from '../qstash/server.ts';
import { startRedisRest } from '../redis-rest/server.ts';
import type { SavedObjects } from '../s3/objects.ts';
import { startS3 } from '../s3/server.ts';
import { keepSaved, readSaved } from '../saved/file.ts';
import type { DataFolder } from '../saved/folder.ts';
import { keepRedisSaved } from '../saved/redis.ts';
import { makeAppUser } from './app-user.ts';
import { LocalCloudError } from './errors.ts';
import { createParts, named } from './parts.ts';
import { LOCAL_SECRETS } from './secrets.ts';

/** The ports of the parts. A port of 0 or `undefined` means any free port. */
export interface LocalCloudPorts {
  redisRest?: number;
  redis?: number;
  postgres?: number;
  qstash?: number;
  mail?: number;
  s3?: number;
}

/** The database of an application: its schema and its demo data. */
export interface ApplicationDatabase {
  /** Returns a name for the current state of the schema. If the schema changes, the name changes. */
  schemaName(): string;
  /** Gives a new, embedded database the schema. */
  giveSchema(postgres: EmbeddedPostgres, log: (line: string) => void): Promise<void>;
  /** Brings a database to the schema and inserts the demo data, unless the database has both. */
  setUp(
    connectionString: string,
    log: (line: string) => void,
    seedTime?: Date,
  ): Promise<{
    key: string;
    user: { email: string; password: string };
    factor?: { secret: string; emails: readonly string[] };
  }>;
}

/** Options of {@link startLocalCloud}. */
export interface LocalCloudOptions {
  /** The URL of a Redis to use instead of the embedded Redis. */
  redisUrl?: string;
  /** The URL of a Postgres to use instead of the embedded Postgres. */
  databaseUrl?: string;
  ports?: LocalCloudPorts;
  /**
   * The folder in which the embedded parts keep their data until the next start. Without a folder, the data is lost at
   * the end.
   */
  folder?: DataFolder;
  /** The application whose schema and demo data the database gets; by default the database stays unchanged. */
  application?: ApplicationDatabase;
  /** The time at which the activity in the demo data ends; default now. Tests use a fixed time. */
  seedTime?: Date;
  /** The application's address, for links to the application. */
  appUrl?: string;
  /** True if QStash's messages to the application wait for `deliveries.release()`; default false. */
  holdDeliveries?: boolean;
  /** The clock of the QStash emulator; default a running clock. */
  clock?: Clock;
  /** Receives a line of text for each moved port, retry and dead letter. */
  log?: (line: string) => void;
  /** Receives the error of a part that crashes after its start. */
  onCrash?: (error: LocalCloudError) => void;
}

/** A running local cloud. */
export interface LocalCloud {
  redis: { url: string };
  /** `token` has all rights; `appToken` has those of the app only (docs/access.md). */
  redisRest: { url: string; token: string; appToken?: string };
  postgres: { url: string };
  qstash: { url: string; token: string; currentSigningKey: string; nextSigningKey: string };
  mail: { url: string; token: string };
  /** An S3 with object lock, for the kept seals of the audit trail. */
  s3: { url: string; accessKeyId: string; secretAccessKey: string };
  /**
   * Functions that hold back QStash's messages while the application cannot receive them, and that send the messages
   * later.
   */
  deliveries: { hold(): void; release(): void };
  /** The API key of the demo user; null without an application, because the database then has no demo data. */
  demoKey: string | null;
  /** The demo user's e-mail address and password; null without an application. */
  demo: { email: string; password: string } | null;
  /** The demo users with a second factor, and the secret of their authenticator app; null if there are none. */
  demoFactor: { secret: string; emails: readonly string[] } | null;
  /** Stops every part. A second call does nothing more. */
  close(): Promise<void>;
}

/**
 * Starts every part.
 *
 * @throws LocalCloudError with the name of the part that did not start; the other parts have been stopped
 * @example
 * const cloud = await startLocalCloud();
 * const redis = new Redis(cloud.redisRest);
 * await cloud.close();
 */
export async function startLocalCloud(options: LocalCloudOptions = {}): Promise<LocalCloud> {
  const { ports = {}, log = () => {}, clock = runningClock(), folder, appUrl, holdDeliveries = false } = options;
  const { redisToken, qstashToken, currentSigningKey, nextSigningKey, mailToken, s3Secret } = LOCAL_SECRETS;
  const s3Key = { accessKeyId: 'local', secretAccessKey: s3Secret };
  const { start, closers, closeAll } = createParts(Object.values(ports), log);

  async function startRedisParts() {
    const url = options.redisUrl ?? (await start('redis', ports.redis ?? 0, startEmbeddedRedis)).url;
    if (folder && !options.redisUrl) {
      closers.push((await named('redis', keepRedisSaved(folder.path('redis'), url))).close);
    }
    const rest = await start('redisRest', ports.redisRest ?? 0, (port) =>
      startRedisRest({ redisUrl: url, token: redisToken, port }),
    );
    const appToken = await makeAppUser(rest).catch((error: Error) => {
      log(`redis: the app has all rights, because its user could not be made (${error.message})`);
      return redisToken;
    });
    return { url, rest, appToken };
  }

  async function startDatabase() {
    const onCrash = (error: Error): void => {
      options.onCrash?.(new LocalCloudError('part_crashed', 'postgres', error.message, { cause: error }));
    };
    const say = (line: string): void => log(`database: ${line}`);
    say(options.databaseUrl ? 'using DATABASE_URL' : 'starting');
    const place = folder && { folder: folder.path('postgres') };
    const { application } = options;
    const settings = { onCrash, ...place, ...(application && { schema: application.schemaName() }) };
    let url = options.databaseUrl;
    if (url === undefined) {
      const postgres = await start('postgres', ports.postgres ?? 0, (port) => startPostgres({ port, ...settings }));
      if (application) await named('database', application.giveSchema(postgres, say));
      url = postgres.url;
    }
    const demo = application ? await named('database', application.setUp(url, say, options.seedTime)) : null;
    return { url, demoKey: demo?.key ?? null, demo: demo?.user ?? null, demoFactor: demo?.factor ?? null };
  }

  async function startQstashPart() {
    const keys = { current: currentSigningKey, next: nextSigningKey };
    const saved = folder && ((await readSaved(folder.path('qstash'))) as SavedState | undefined);
    const settings = { token: qstashToken, keys, clock, log: (line: string) => log(`qstash: ${line}`) };
    const qstash = await start(
      'qstash',
      ports.qstash ?? 0,
      (port) =>
        startQstash({
          port,
          ...settings,
          ...(saved && { saved }),
          ...(holdDeliveries && appUrl && { heldOrigin: appUrl }),
        }),
      movedHint,
    );
    if (folder) closers.push(keepSaved(folder.path('qstash'), async () => qstash.save()).close);
    return qstash;
  }

  async function startMailbox() {
    const saved = folder && ((await readSaved(folder.path('mail'))) as SavedMail | undefined);
    const mail = await start('mail', ports.mail ?? 0, (port) =>
      startMail({ port, token: mailToken, ...(appUrl !== undefined && { appUrl }), ...(saved && { saved }) }),
    );
    if (folder) closers.push(keepSaved(folder.path('mail'), async () => mail.save()).close);
    return mail;
  }

  async function startObjects() {
    const saved = folder && ((await readSaved(folder.path('s3'))) as SavedObjects | undefined);
    const s3 = await start('s3', ports.s3 ?? 0, (port) => startS3({ port, ...s3Key, ...(saved && { saved }) }));
    if (folder) closers.push(keepSaved(folder.path('s3'), async () => s3.save()).close);
    return s3;
  }

  const startingParts = [
    startRedisParts(),
    startDatabase(),
    startQstashPart(),
    startMailbox(),
    startObjects(),
  ] as const;
  try {
    const [redis, database, qstash, mail, s3] = await Promise.all(startingParts);
    return {
      redis: { url: redis.url },
      redisRest: { url: redis.rest.url, token: redisToken, appToken: redis.appToken },
      postgres: { url: database.url },
      qstash: { url: qstash.url, token: qstashToken, currentSigningKey, nextSigningKey },
      mail: { url: mail.url, token: mailToken },
      s3: { url: s3.url, ...s3Key },
      deliveries: {
        hold: () => appUrl !== undefined && qstash.hold(appUrl),
        release: qstash.release,
      },
      demoKey: database.demoKey,
      demo: database.demo,
      demoFactor: database.demoFactor,
      close: closeAll,
    };
  } catch (error) {
    // Other parts may still be starting, and a part can be closed only when it has started.
    await Promise.allSettled(startingParts);
    await closeAll();
    throw error;
  }
}

/**
 * Imports and starts the embedded Redis. The import is here, so that a program with a Redis of its own does not load
 * it.
 */
async function startEmbeddedRedis(port: number) {
  const { startRedis } = await import('../redis/server.ts');
  return startRedis({ port });
}
