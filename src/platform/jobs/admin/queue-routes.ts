/** `/queues`: the queues with the tenant's numbers of jobs. Operators of the service can pause and resume queues. */
import { type OpenAPIHono, z } from '@hono/zod-openapi';
import { type AppEnv, createRouter, notFound, ProblemError } from '../../http/index.ts';
import { operatorsOnly, type Services, view } from '../../rest/index.ts';
import { JobError } from '../errors.ts';
import type { JobRegistry } from '../registry.ts';
import { queueSchema } from './admin-schema.ts';
import { pauseRoutes } from './pause-routes.ts';
import { concurrencyOf, queuesOf, readQueues, switchQueue } from './queues.ts';

const all = { path: '/queues', tag: 'Jobs', access: 'jobs:admin' } as const;

/** Creates the routes for the queues of the registered jobs. */
export function queueRoutes(jobs: JobRegistry): OpenAPIHono<AppEnv> {
  const router = createRouter();

  view(router, {
    ...all,
    id: 'queues.list',
    summary: 'List queues with their numbers of jobs',
    cost: { requests: 2, commands: 4, statements: 0 },
    description: 'The tenant’s jobs in each state, and those ended in the last hour.',
    answer: z.object({ items: z.array(queueSchema) }),
    effect: 'The queues',
    async load(_input, { scope, tenant }) {
      const queues = await readQueues(scope, tenant.tenant, jobs, scope.system.now());
      return { items: queues.map(({ oldestQueuedAt: _, ...queue }) => queue) };
    },
  });

  pauseRoutes(router, {
    noun: 'queue',
    status: 202,
    costs: { pause: { statements: 1 }, resume: { statements: 1 } },
    change: (services, name, verb) => changeQueue(services, jobs, name, verb),
  });
  return router;
}

/**
 * Pauses or resumes a queue for all tenants, and adds an entry to the audit trail. Only for operators. A caller whose entry
 * cannot be written gets an error, and may ask again.
 * @throws {ProblemError} 403 `NOT_OPERATOR`, 404 if the queue does not exist, 409 `QUEUE_UNLIMITED`, 503
 * `QSTASH_UNREACHABLE`.
 */
export async function changeQueue(
  { scope, tenant, caller }: Pick<Services, 'scope' | 'tenant' | 'caller'>,
  jobs: JobRegistry,
  queue: string,
  action: 'pause' | 'resume',
): Promise<void> {
  operatorsOnly({ scope, tenant });
  const members = queuesOf(jobs).get(queue);
  if (!members) throw notFound('queue');
  if (concurrencyOf(members) === null) {
    throw new ProblemError(409, 'QUEUE_UNLIMITED', 'Only queues with a concurrency limit can be paused');
  }
  try {
    await switchQueue(scope, queue, action);
  } catch (error) {
    if (error instanceof JobError) throw new ProblemError(503, 'QSTASH_UNREACHABLE', error.message);
    throw error;
  }
  await tenant.commit((tx) => tx.audit({ action: `queue.${action}d`, entity: { type: 'queue', id: queue } }));
  scope.log.info(`queues.admin.${action}`, { queue, by: caller.id });
}
