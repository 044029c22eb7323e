/**
 * The services of a command, opened at their first use: a command that needs only the database works with `DATABASE_URL`
 * alone, before any other part of a deployment exists.
 */
import type { Transaction } from '../src/platform/db/index.ts';
import { realSystem, type System } from '../src/platform/system.ts';
import type { AppPlace } from './app-place.ts';
import { type DatabasePlace, openDatabasePlace } from './database-place.ts';
import { NO_PROGRESS, type Progress } from './progress.ts';

/** The services of a command. */
export interface Workplace {
  readonly environment: Readonly<Record<string, string | undefined>>;
  readonly system: System;
  readonly progress: Progress;
  /** True if a write invalidates the cache at once; false if the next drain invalidates the cache. */
  readonly endsAtOnce: boolean;
  /**
   * Runs a write in a tenant, which may not exist yet.
   * @throws {UsageError} if `DATABASE_URL` is missing or not a PostgreSQL URL.
   */
  commit<Result>(tenant: string, run: (tx: Transaction) => Promise<Result>): Promise<Result>;
  /**
   * Opens the services of the app, without I/O.
   * @throws {EnvironmentError} if a variable is missing or wrong.
   */
  app(): Promise<AppPlace>;
  close(): Promise<void>;
}

/** Makes the workplace, without I/O. */
export function openWorkplace(
  environment: Readonly<Record<string, string | undefined>>,
  progress: Progress = NO_PROGRESS,
): Workplace {
  // The id is in the audit entries and log lines of the call.
  const requestId = `command-line-${realSystem.token()}`;
  let database: DatabasePlace | undefined;
  let app: AppPlace | undefined;
  return {
    environment,
    system: realSystem,
    progress,
    endsAtOnce: Boolean(environment['UPSTASH_REDIS_REST_URL']),
    async commit(tenant, run) {
      database ??= openDatabasePlace(environment, requestId);
      return database.commit(tenant, run);
    },
    async app() {
      // A command that does not need the app starts faster without its modules.
      app ??= (await import('./app-place.ts')).openAppPlace(environment, requestId);
      return app;
    },
    async close() {
      progress.end();
      await app?.close();
      await database?.close();
    },
  };
}

/** Returns the end of a sentence: when a write takes effect everywhere. */
export function whenItTakesEffect({ endsAtOnce }: Workplace): string {
  return endsAtOnce ? 'at once' : 'within a minute, once the deployment has drained its outbox';
}
