/** A tenant that operates the service, its operator in browsers, and the jobs and data that the console shows. */
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import type { BrowserContext, BrowserContextOptions, Page } from 'playwright-core';
import { expect, inject, vi } from 'vitest';
import { jobs, schedules } from '../../src/app/background.ts';
import { alertSchedule, standardAlerts } from '../../src/platform/alerts/index.ts';
import { createAuditKeys, sealBatch } from '../../src/platform/audit/index.ts';
import { createCounters } from '../../src/platform/counters/index.ts';
import { createSchedules, enqueue, type Job, withScheduleRuns } from '../../src/platform/jobs/index.ts';
import { createTestApp } from '../support/app.ts';
import { addPerson, type Person, type PersonOptions } from '../support/people.ts';
import { createTenant, sql } from '../support/tenant.ts';
import { PATIENCE_MS, startStage } from './stage.ts';

export { violationsOn } from './violations.ts';

/** Screenshots, for people to look at. */
const PICTURES = join(import.meta.dirname, '../../.screenshots');

/** A page, with the errors in its console and the errors that no code caught. */
export interface Watched {
  page: Page;
  errors: string[];
}

/** Starts the host and the tenant. */
export async function startConsole(host: 'worker' | 'lambda') {
  const { postgres } = inject('cloud');
  const tenant = await createTenant(postgres.url);
  const stage = await startStage(host, { OPERATOR_TENANT: tenant.id });
  const app = createTestApp({ environment: { APP_URL: stage.front.url } });
  let evaluatedAt = Date.now();
  const runSchedule = withScheduleRuns(jobs, schedules).get('schedules.run') as Job;
  const addOperator = (role: PersonOptions['role'] = 'admin'): Promise<Person> =>
    addPerson(postgres.url, tenant.id, { role, factor: true });

  return {
    stage,
    tenant,
    addOperator,
    person: () => addPerson(postgres.url, tenant.id),
    /** Signs in a new operator, because one account may sign in ten times a minute. */
    signIn: async (options: BrowserContextOptions = {}, role?: PersonOptions['role']) =>
      stage.signIn(await addOperator(role), options),
    /** Seals the audit trail of the tenant, and returns the id of an entry of the newest seal. */
    async seal(): Promise<string> {
      const scope = app.platform.scope();
      await scope.tenant(tenant.id).commit(async (tx) => {
        await tx.audit({ action: 'boat.moved', entity: { type: 'boat', id: 'boat_1' }, data: { to: 'Harbour' } });
        await tx.audit({ action: 'boat.moved', entity: { type: 'boat', id: 'boat_2' }, data: { to: 'Sea' } });
      });
      const keys = createAuditKeys(scope.environment.AUDIT_SIGNING_KEYS ?? '');
      for (; await sealBatch({ store: scope.store, system: scope.system, keys }, tenant.id); );
      const [row] = await scope.store.query<{ id: string }>(
        'SELECT id FROM audit_entries WHERE tenant_id = $1 AND seal IS NOT NULL ORDER BY id DESC LIMIT 1',
        [tenant.id],
      );
      await scope.end();
      return row?.id ?? '';
    },
    /** Changes a field of an entry in the database, as a superuser can. */
    async falsify(id: string, action: string): Promise<void> {
      await sql(
        postgres.url,
        `WITH off AS MATERIALIZED (SELECT set_config('session_replication_role', 'replica', true))
         UPDATE audit_entries SET action = $3 FROM off WHERE tenant_id = $1 AND id = $2`,
        [tenant.id, id, action],
      );
    },
    /** Queues a job that the host cannot do, so that it ends dead, and returns its id. */
    async deadJob(): Promise<string> {
      const scope = app.platform.scope();
      const id = await enqueue(scope.tenant(tenant.id), runSchedule, { name: `none-${scope.requestId.toLowerCase()}` });
      await scope.end();
      await vi.waitFor(async () => expect(await this.state(id)).toBe('dead'), { timeout: PATIENCE_MS });
      return id;
    },
    /** The state and the ended runs of a job, from the API. */
    async job(id: string): Promise<{ state: string; pastAttempts: unknown[] }> {
      const answer = await this.ask(`/jobs/${id}`);
      return (await answer.json()) as { state: string; pastAttempts: unknown[] };
    },
    state: async function (id: string): Promise<string> {
      return (await this.job(id)).state;
    },
    /** Counts answers and reads in each of the last minutes, as isolates do. */
    async count(minutes: number): Promise<void> {
      const scope = app.platform.scope();
      let now = scope.system.now() - minutes * 60_000;
      const counters = createCounters({ now: () => now, token: () => scope.system.token() });
      for (let minute = 0; minute < minutes; minute += 1) {
        for (let answer = 0; answer < 20 + (minute % 7); answer += 1) {
          counters.count('http.requests', {
            route: 'GET /deals',
            status: answer === 3 && minute % 4 === 0 ? '5xx' : '2xx',
          });
          counters.time('http.time', { route: 'GET /deals' }, 8 + answer * 3 + (minute % 5));
          counters.count('cache.reads', { query: 'deal-pipeline', outcome: answer % 4 === 0 ? 'miss' : 'hit' });
        }
        now += 60_000;
      }
      await counters.flush(scope.redis);
      await scope.end();
    },
    /** Evaluates the alert about Redis, once for each of some minutes, with Redis answering or not. */
    async evaluate(redis: 'up' | 'down', minutes: number): Promise<void> {
      const alerts = standardAlerts.filter(({ name }) => name === 'redis-unreachable');
      const evaluating = createTestApp({
        environment: {
          OPERATOR_TENANT: tenant.id,
          // No server listens on this port.
          ...(redis === 'down' ? { UPSTASH_REDIS_REST_URL: 'http://127.0.0.1:9' } : {}),
        },
        system: { now: () => evaluatedAt },
        schedules: createSchedules([alertSchedule(alerts)]),
        alerts,
      });
      for (let minute = 0; minute < minutes; minute += 1) {
        evaluatedAt += 60_000;
        await evaluating.platform.scheduled(evaluatedAt);
      }
      await evaluating.close();
    },
    ask: (path: string) => stage.send(path, { headers: { authorization: `Bearer ${tenant.keys.all}` } }),
    async close() {
      await app.close();
      await stage.close();
    },
  };
}

export type ConsoleDesk = Awaited<ReturnType<typeof startConsole>>;

/** Opens a new tab whose errors are kept. */
export async function watch(context: BrowserContext): Promise<Watched> {
  const page = await context.newPage();
  const errors: string[] = [];
  page.on('console', (message) => message.type() === 'error' && errors.push(message.text()));
  page.on('pageerror', (error) => errors.push(String(error)));
  return { page, errors };
}

/** By how many pixels the page is wider than its window, on a phone and on a small laptop. */
export async function widerThanWindow(page: Page): Promise<number[]> {
  const wider: number[] = [];
  for (const width of [390, 1280]) {
    await page.setViewportSize({ width, height: 720 });
    wider.push(await page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth));
  }
  return wider;
}

/** Writes a screenshot into the folder that Git ignores. */
export async function picture(page: Page, name: string): Promise<void> {
  mkdirSync(PICTURES, { recursive: true });
  await page.screenshot({ path: join(PICTURES, `console-${name}.png`), fullPage: true });
}
