/** Operations that send every command and script of jobs and schedules. */
import { expect } from 'vitest';
import type { Scope } from '../../../src/platform/http/index.ts';
import { deadLetter } from '../../../src/platform/jobs/control.ts';
import { execute } from '../../../src/platform/jobs/execute.ts';
import {
  cancelJob,
  enqueue,
  JobError,
  jobServices,
  plan,
  replayJob,
  runJobNow,
  schedule,
  sweepJobs,
} from '../../../src/platform/jobs/index.ts';
import type { Message } from '../../../src/platform/jobs/message.ts';
import { trimIndexes } from '../../../src/platform/jobs/record.ts';
import { resumeSchedule } from '../../../src/platform/jobs/schedule-pause.ts';
import { busy, failed, plain, Refused, type ReplyWorld, registry } from './reply-world.ts';

const nightly = schedule('reply.nightly', { cron: '0 3 * * *', run: async () => {} });

/** Returns the operations of jobs and schedules by name. */
export function jobOperationsOf({ app, tenant, clock, published, within, ask }: ReplyWorld) {
  const token = (scope: Scope) => scope.system.token();

  /** Enqueues a job and returns its message to QStash; without a message the drain would publish the job later. */
  async function message(
    definition: typeof plain | typeof busy | typeof failed,
    n: number,
    options = {},
  ): Promise<Message> {
    published.length = 0;
    await within((scope, own) => enqueue(own, definition, { n, key: token(scope) }, options));
    const delivery = published[0];
    if (!delivery) throw new Refused('not published');
    return delivery;
  }

  const run = (delivery: Message) =>
    within((scope) => execute({ scope, services: jobServices(scope), registry, message: delivery }));

  async function runToItsEnd(n: number, options = {}): Promise<void> {
    const delivery = await message(busy, n, options);
    const { kind } = await run(delivery);
    expect(['settled', 'busy', 'unavailable', 'failed']).toContain(kind);
    await ask(`/jobs/${delivery.id}`);
    await within((scope) => cancelJob(jobServices(scope), tenant.id, delivery.id));
  }

  return {
    'a job with steps, and the job that follows it': () => runToItsEnd(0, { next: plan(plain, { n: 5, key: 'next' }) }),
    'a job that snoozes': () => runToItsEnd(1),
    'a job that goes on in slices': () => runToItsEnd(2),
    async 'a job that dies, is replayed, run now and cancelled'() {
      const delivery = await message(failed, 3);
      expect((await run(delivery)).kind).not.toBe('settled');
      await within(async (scope) => {
        const services = jobServices(scope);
        await replayJob(services, tenant.id, delivery.id);
        await runJobNow(services, tenant.id, delivery.id);
        await cancelJob(services, tenant.id, delivery.id);
        await deadLetter(services, { ...delivery, generation: delivery.generation + 9 }, 'INVALID_INPUT');
      });
      await ask('/jobs?name=reply.failed');
    },
    async 'the sweep, and the lists that are trimmed'() {
      await message(plain, 4);
      clock.ahead += 40 * 60_000;
      await within(async (scope) => {
        await sweepJobs(jobServices(scope), 5);
        await trimIndexes(scope, [tenant.id], ['reply.plain'], scope.system.now());
      });
    },
    async 'the sweep of a job that QStash refuses for five minutes'() {
      await message(plain, 6);
      clock.ahead += 40 * 60_000;
      await within(async (scope) => {
        const services = jobServices(scope);
        const reason = new JobError('JOB_NOT_PUBLISHED', 'QStash refused the message', 300_000);
        const publish: typeof services.publisher.publish = async (late) =>
          late.map(() => ({ status: 'rejected', reason }));
        await sweepJobs({ ...services, publisher: { publish } }, 5);
      });
    },
    async 'the scheduled function'() {
      clock.ahead += 60_000;
      for (const { outcome } of await app.platform.scheduled()) expect(['ok', 'failed', 'stale']).toContain(outcome);
    },
    async 'the end of a pause of a schedule'() {
      await within((scope) => resumeSchedule(scope, nightly));
    },
  } satisfies Record<string, () => Promise<void>>;
}
