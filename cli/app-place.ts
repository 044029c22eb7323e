/**
 * The app's own services for a command: the composition root of `src/app`, with one scope. A command acts with the
 * rights of an operator, because it has the deployment's secrets.
 */
import { jobs, schedules } from '../src/app/background.ts';
import { type Environment, readEnvironment } from '../src/app/env.ts';
import { modules } from '../src/app/modules.ts';
import { createPlatform } from '../src/app/platform.ts';
import type { Query, QueryArgs } from '../src/platform/cache/index.ts';
import { openDatabasePool } from '../src/platform/db/index.ts';
import {
  type Caller,
  type DataContext,
  grantableRights,
  type Scope,
  type TenantScope,
} from '../src/platform/http/index.ts';
import { type JobRegistry, type ScheduleRegistry, withScheduleRuns } from '../src/platform/jobs/index.ts';
import { createNodeFetch, createRedisFetch } from '../src/platform/keep-alive-fetch.ts';
import { UsageError } from './usage-error.ts';

/** The services of the app in one tenant, as the functions behind the routes take them. */
export interface TenantPlace {
  scope: Scope;
  tenant: TenantScope;
  caller: Caller;
}

/** The services of the app for one call of the command line. */
export interface AppPlace {
  readonly environment: Environment;
  readonly scope: Scope;
  /** All queries, by name. */
  readonly queries: ReadonlyMap<string, Query<QueryArgs, unknown, DataContext>>;
  /** All jobs, among them the job that runs a schedule. */
  readonly jobs: JobRegistry;
  readonly schedules: ScheduleRegistry;
  /**
   * Returns the services of a tenant. 1 query.
   * @throws {UsageError} if the tenant does not exist.
   */
  tenant(id: string): Promise<TenantPlace>;
  /**
   * Returns the services of the operating tenant, for commands that concern all tenants.
   * @throws {UsageError} if `OPERATOR_TENANT` is not set.
   */
  operators(): Promise<TenantPlace>;
  close(): Promise<void>;
}

/** The longest wait for Redis, in ms: an operator's machine may be far away from the region of the deployment. */
const REDIS_TIMEOUT_MS = '5000';

/**
 * Opens the services, without I/O.
 * @throws {EnvironmentError} if a variable is missing or wrong.
 */
export function openAppPlace(variables: Readonly<Record<string, string | undefined>>, requestId: string): AppPlace {
  const environment = readEnvironment({ REDIS_TIMEOUT_MS, LOG_LEVEL: 'error', ...variables });
  const pool = openDatabasePool({ connectionString: environment.DATABASE_URL });
  const platform = createPlatform({
    environment,
    pool,
    fetch: createRedisFetch(),
    qstash: createNodeFetch(),
    // The standard output has the report alone.
    write: (line) => console.error(line),
  });
  const scope = platform.scope(requestId);

  async function tenantPlace(id: string): Promise<TenantPlace> {
    const client = await scope.database.client();
    const found = await client.tenant.findUnique({ where: { id }, select: { id: true } });
    if (!found) throw new UsageError(`There is no tenant ${id}`);
    return { scope, tenant: scope.tenant(id), caller: callerOf() };
  }

  return {
    environment,
    scope,
    queries: new Map(modules.flatMap((module) => [...module.queries])),
    jobs: withScheduleRuns(jobs, schedules),
    schedules,
    tenant: tenantPlace,
    async operators() {
      const { OPERATOR_TENANT: id } = environment;
      if (id === undefined) throw new UsageError('Set OPERATOR_TENANT to the tenant that operates the service');
      return tenantPlace(id);
    },
    async close() {
      await scope.end();
      await pool.close();
    },
  };
}

/** The caller in log lines. No API key has this id. */
function callerOf(): Caller {
  return {
    kind: 'api-key',
    id: 'command-line',
    userId: null,
    rights: grantableRights(),
    role: null,
    entryId: null,
    session: null,
    grant: null,
  };
}
