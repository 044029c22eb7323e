/** Runs the examples of docs/jobs.md. */
import { afterEach, beforeEach, expect, inject, test } from 'vitest';
import * as examples from '../../../docs/examples/jobs.ts';
import type { TenantScope } from '../../../src/platform/http/index.ts';
import { createJobs, type JobServices, jobServices } from '../../../src/platform/jobs/index.ts';
import { createTestQueue } from '../../../src/platform/jobs/testing.ts';
import { createTestApp } from '../../support/app.ts';
import { createTenant, sql } from '../../support/tenant.ts';

const LOCAL = { APP_URL: 'http://app.test', QSTASH_URL: 'http://qstash.test', QSTASH_CURRENT_SIGNING_KEY: 'sig_docs' };
let queue: ReturnType<typeof createTestQueue>;
let app: ReturnType<typeof createTestApp>;
let tenant: string;
beforeEach(async () => {
  examples.mails.clear();
  tenant = (await createTenant(inject('cloud').postgres.url)).id;
  queue = createTestQueue({ environment: LOCAL });
  app = createTestApp({
    environment: LOCAL,
    jobs: createJobs([examples.sendWelcome, examples.countUp, examples.summarize], {
      middleware: [examples.timed, examples.notForWhoLeft],
    }),
    fetch: queue.fetch,
    outbound: queue.fetch,
    system: queue.system,
  });
});
afterEach(() => app.close());

async function within<Result>(work: (scope: TenantScope, services: JobServices) => Promise<Result>): Promise<Result> {
  const scope = app.platform.scope();
  const result = await work(scope.tenant(tenant), jobServices(scope));
  await scope.end();
  return result;
}
const stateOf = async (id: string) =>
  (await within((_scope, services) => examples.inspect(services, tenant, id)))?.state;

test('a write and its job', async () => {
  const id = await within(({ commit }) => examples.addCompany(commit, 'comp_docs1', 'Kelp'));
  expect(await queue.enqueued(examples.sendWelcome)).toEqual([{ companyId: 'comp_docs1' }]);
  expect(await queue.drain(app.app)).toEqual([]);
  await queue.advance(app.app, 5 * 60_000);
  expect(await stateOf(id)).toBe('done');
  expect([...examples.mails]).toEqual([[`${id}:mail`, 'comp_docs1']]);
  const rows = await sql(inject('cloud').postgres.url, 'SELECT industry FROM companies WHERE tenant_id = $1', [tenant]);
  expect(rows).toEqual([{ industry: 'welcomed' }]);
  // A failed write leaves no outbox entry.
  await expect(within(({ commit }) => examples.addCompany(commit, 'comp_docs1', 'again'))).rejects.toThrow();
  expect(await queue.enqueued(examples.sendWelcome)).toEqual([]);
});

test('retries, dead jobs and their replay', async () => {
  examples.setMailService('busy');
  const id = await within(({ commit }) => examples.addCompany(commit, 'comp_docs2', 'Reef'));
  await queue.advance(app.app, 5 * 60_000);
  expect(await stateOf(id)).toBe('failed');
  examples.setMailService('refuses');
  await queue.advance(app.app, 60_000);
  expect(await stateOf(id)).toBe('dead');
  examples.setMailService('up');
  const replayed = await within((_scope, services) => examples.replayDead(services, tenant, 'example.welcome'));
  expect(replayed).toEqual(['queued']);
  await queue.drain(app.app);
  expect(await stateOf(id)).toBe('done');
});

test('slices, progress, and a follow-up when all have ended', async () => {
  const ids = await within(({ commit }) => examples.countAll(commit, [50, 250]));
  await queue.drain(app.app);
  const record = await within((_scope, services) => examples.inspect(services, tenant, ids[1] ?? ''));
  expect(record).toMatchObject({ state: 'done', result: 250, slice: 2 });
  expect(await stateOf('job_summary')).toBe('done');
});

test('middleware measures every run and refuses some', async () => {
  examples.left.add(tenant);
  const [id = ''] = await within(({ commit }) => examples.countAll(commit, [10]));
  await queue.drain(app.app);
  examples.left.delete(tenant);
  const record = await within((_scope, services) => examples.inspect(services, tenant, id));
  expect(record).toMatchObject({ state: 'cancelled', reason: 'TENANT_LEFT' });
  // One of the part, and one of the job that follows it.
  expect(app.lines.filter((line) => line.includes('"jobs.took"'))).toHaveLength(2);
});
