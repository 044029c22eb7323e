/** The app with jobs of the benchmark: an instance that enqueues jobs and receives the emulator's deliveries. */
import { createServer } from 'node:http';
import { getRequestListener } from '@hono/node-server';
import { appVariables } from '../../dev/cloud/app-environment.ts';
import '../../dev/build/jsx.ts';
import { readEnvironment } from '../../src/app/env.ts';
import { createPlatform, type Platform } from '../../src/app/platform.ts';
import { openDatabasePool } from '../../src/platform/db/index.ts';
import type { TenantScope } from '../../src/platform/http/index.ts';
import { createJobs, type Job } from '../../src/platform/jobs/index.ts';
import { createNodeFetch, createRedisFetch } from '../../src/platform/keep-alive-fetch.ts';
import { demoTenant } from '../api/world.ts';
import type { CloudAddresses } from '../servers/cloud.ts';

const { createApp } = await import('../../src/app/app.ts');

/** An instance of the app. */
export interface JobApp {
  platform: Platform;
  /** Accepts deliveries from now on. */
  listen(): Promise<void>;
  /**
   * Enqueues jobs like a request: the response follows COMMIT, and the remaining work follows the response. Returns
   * the time of the response (by `performance.now()`), and a promise for the end of the remaining work.
   */
  commit(write: (tenant: TenantScope) => Promise<unknown>): Promise<{ committed: number; ended: Promise<void> }>;
  close(): Promise<void>;
}

/**
 * Opens an instance whose deliveries go to a port of this machine. Another instance may listen on `port`.
 */
export function openJobApp(
  cloud: CloudAddresses,
  port: number,
  jobs: readonly Job[],
  fetch: ReturnType<typeof createRedisFetch> = createRedisFetch(),
): JobApp {
  const environment = readEnvironment({
    ...appVariables(cloud, `http://127.0.0.1:${port}`),
    DATABASE_URL: cloud.postgres.url,
    LOG_LEVEL: 'error',
  });
  const pool = openDatabasePool({ connectionString: environment.DATABASE_URL });
  const platform = createPlatform({ environment, pool, fetch, qstash: createNodeFetch(), write: () => {} });
  const app = createApp(() => ({ scope: platform.scope, clientIp: '127.0.0.1' }), createJobs(jobs));
  const listener = getRequestListener(app.fetch);
  const server = createServer((request, response) => void listener(request, response));
  return {
    platform,
    listen: () =>
      new Promise((resolve, reject) => {
        server.once('error', reject);
        server.listen(port, '127.0.0.1', resolve);
      }),
    async commit(write) {
      const scope = platform.scope();
      await write(scope.tenant(demoTenant));
      return { committed: performance.now(), ended: scope.end() };
    },
    async close() {
      server.closeAllConnections();
      server.close();
      await pool.close();
    },
  };
}
