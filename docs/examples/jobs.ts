/** The examples of docs/jobs.md, as code that runs: `test/platform/jobs/examples.test.ts` runs each of them. */
import {
  cancel,
  continueWith,
  enqueue,
  enqueueMany,
  fatal,
  type JobMiddleware,
  type JobRecord,
  type JobServices,
  job,
  listJobs,
  plan,
  type Replayed,
  readJob,
  replayJob,
  retryLater,
} from 'holdfast/jobs';
import { z } from 'zod';
import type { TenantScope } from '../../src/platform/http/index.ts';

/** Replaces a mail service that supports idempotency keys. */
export const mails = new Map<string, string>();
export let mailService: 'up' | 'busy' | 'refuses' = 'up';
export function setMailService(state: typeof mailService): void {
  mailService = state;
}

/** An external effect in a step, with its idempotency key; a database effect in a transaction. */
export const sendWelcome = job('example.welcome', {
  input: z.object({ companyId: z.string() }),
  unique: ({ companyId }) => companyId,
  retries: 3,
  async run({ companyId }, { step, transaction }) {
    if (mailService === 'busy') return retryLater('1m', 'MAIL_BUSY');
    if (mailService === 'refuses') return fatal('MAIL_REFUSED');
    const mailId = await step('mail', async ({ key }) => {
      mails.set(key, companyId);
      return key;
    });
    await transaction('noted', (tx) =>
      tx.db.company.update({
        where: { tenantId_id: { tenantId: tx.tenant, id: companyId } },
        data: { industry: 'welcomed' },
      }),
    );
    return mailId;
  },
});

/** A write and its job: both happen, or neither. */
export async function addCompany(commit: TenantScope['commit'], id: string, name: string): Promise<string> {
  return commit(async (tx) => {
    await tx.db.company.create({ data: { tenantId: tx.tenant, id, name } });
    return enqueue(tx, sendWelcome, { companyId: id }, { delay: '5m' });
  });
}

/** Long work, a slice at a time: each has its own time limit and attempts. */
export const countUp = job('example.count', {
  input: z.object({ to: z.number() }),
  timeout: '30s',
  async run({ to }, { cursor = 0, progress }) {
    const next = Number(cursor) + 100;
    await progress({ done: Math.min(next, to), of: to });
    return next < to ? continueWith(next) : to;
  },
});

/** Runs when all parts have ended. */
export const summarize = job('example.summary', {
  input: z.object({ parts: z.number() }),
  run: async ({ parts }) => `${parts} parts`,
});

/** Many jobs in one write, and one more when all of them have ended. */
export async function countAll(commit: TenantScope['commit'], limits: readonly number[]): Promise<string[]> {
  const inputs = limits.map((to) => ({ to }));
  const whenAllEnded = plan(summarize, { parts: inputs.length }, { id: 'job_summary' });
  return commit((tx) => enqueueMany(tx, countUp, inputs, { whenAllEnded }));
}

/** Reads the record of a job. */
export async function inspect(services: JobServices, tenant: string, id: string): Promise<JobRecord | null> {
  return readJob(services, tenant, id);
}

/** Queues every dead job of a name again, after its cause is fixed. */
export async function replayDead(services: JobServices, tenant: string, name: string): Promise<Replayed[]> {
  const dead = await listJobs(services, tenant, { name, state: 'dead' });
  return Promise.all(dead.map(({ id }) => replayJob(services, tenant, id)));
}

/** Logs the duration of each run, for every outcome. */
export const timed: JobMiddleware = async ({ context: { scope, log } }, next) => {
  const began = scope.system.now();
  try {
    return await next();
  } finally {
    log.info('jobs.took', { ms: scope.system.now() - began });
  }
};

/** Cancels jobs of a tenant that has left. */
export const left = new Set<string>();
export const notForWhoLeft: JobMiddleware = async ({ context: { tenant } }, next) =>
  left.has(tenant.tenant) ? cancel('TENANT_LEFT') : next();
