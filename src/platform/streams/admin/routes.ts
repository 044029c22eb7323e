/** `/streams`: administrators see the streams of their tenant, and repair what has failed. */
import { type OpenAPIHono, z } from '@hono/zod-openapi';
import {
  type AppEnv,
  createRouter,
  momentSchema,
  notFound,
  ProblemError,
  pageSchema,
  wholeNumberParameter,
} from '../../http/index.ts';
import { enqueue } from '../../jobs/index.ts';
import { command, type Services, view } from '../../rest/index.ts';
import type { Consumer } from '../group-run.ts';
import { wake } from '../wake.ts';
import { askForReplay, listDead } from './dead.ts';
import { MOST_COUNTED, readStatus } from './status.ts';

const all = { tag: 'Streams', access: 'streams:admin' } as const;
const count = z.number().int();

const groupSchema = z
  .object({
    name: z.string(),
    pending: count.openapi({ description: 'Entries that a run has taken and not yet handled.' }),
    waiting: count.openapi({ description: `Entries that no run has taken; at most ${MOST_COUNTED} are counted.` }),
    behind: z.boolean().openapi({
      description: 'Whether the next run reads events from the database: the group is new, or Redis has lost entries.',
    }),
    dead: count.openapi({ description: 'Events that were put aside.' }),
    generation: count.nullable().openapi({ description: 'The generation that readers see; null for no projection.' }),
    building: count.nullable().openapi({ description: 'The generation that a rebuild is making.' }),
  })
  .openapi('StreamGroup');

const streamSchema = z
  .object({
    name: z.string(),
    entries: count.openapi({ description: 'Entries in Redis, which some group has not handled.' }),
    groups: z.array(groupSchema),
  })
  .openapi('Stream');

const deadSchema = z
  .object({
    key: z.string(),
    version: count,
    type: z.string(),
    reason: z.string().openapi({
      description: 'The code or the name of the error; `KEY_HELD` behind another dead event of the key.',
    }),
    diedAt: momentSchema,
    replay: z.boolean().openapi({ description: 'Whether the event waits for another attempt.' }),
  })
  .openapi('DeadEvent');

const groupParams = z.object({
  stream: z.string().max(32).openapi({ example: 'deals' }),
  group: z.string().max(64).openapi({ example: 'stage-history' }),
});

/** The version and the key of the last event of a page. */
const cursorSchema = z.string().regex(/^\d{1,9}_[^\0]{1,500}$/, 'must be the nextCursor of a page');

/** Creates the routes for the registered groups. */
export function streamRoutes(consumers: readonly Consumer[]): OpenAPIHono<AppEnv> {
  const router = createRouter();
  const streams = byStream(consumers);
  const consumerOf = ({ stream, group }: z.output<typeof groupParams>) => findGroup(consumers, stream, group);

  view(router, {
    ...all,
    id: 'streams.list',
    path: '/streams',
    summary: 'List streams and their consumer groups',
    cost: { requests: 2, commands: 4 },
    answer: z.object({ items: z.array(streamSchema) }),
    effect: 'The streams',
    load: async (_input, { scope, tenant }) => ({ items: await readStatus(scope, tenant.tenant, streams) }),
  });

  view(router, {
    ...all,
    id: 'streams.listDead',
    path: '/streams/{stream}/groups/{group}/dead',
    summary: 'List the events that a consumer group has put aside',
    params: groupParams,
    search: z.strictObject({
      limit: wholeNumberParameter({ from: 1, to: 100, otherwise: 25 }),
      cursor: cursorSchema.optional().openapi({ description: 'The `nextCursor` of the previous page.' }),
    }),
    answer: pageSchema(deadSchema),
    effect: 'A page of events, in the order of keys and versions',
    missing: 'consumer group',
    async load({ limit, cursor = '0_', ...params }, { scope, tenant }) {
      const { stream, name } = consumerOf(params);
      const at = cursor.indexOf('_');
      const after = { key: cursor.slice(at + 1), version: Number(cursor.slice(0, at)) };
      const group = { tenant: tenant.tenant, stream: stream.name, name };
      const found = await listDead(scope.store, group, { after, limit: limit + 1 });
      const items = found.slice(0, limit);
      const last = items.at(-1);
      return { items, nextCursor: last && found.length > limit ? `${last.version}_${last.key}` : null };
    },
  });

  command(router, {
    ...all,
    id: 'streams.replayDead',
    path: '/streams/{stream}/groups/{group}/replay',
    summary: 'Request another attempt at events that were put aside',
    cost: { statements: 2 },
    description: 'The events of a key are handled in their order. An event that fails again stays put aside.',
    harmlessTwice: true,
    params: groupParams,
    body: z.strictObject({
      key: z.string().min(1).max(500).optional().openapi({ description: 'Only the events of this key.' }),
    }),
    answer: z.object({ events: count }),
    status: 202,
    effect: 'The number of events',
    problems: [404],
    run: async ({ params, body: { key = null } }, services) => ({
      events: await replayGroup(services, consumerOf(params), key),
    }),
  });

  command(router, {
    ...all,
    id: 'streams.requestRebuild',
    path: '/streams/{stream}/groups/{group}/rebuild',
    summary: 'Queue the rebuild of a projection from all events',
    cost: { requests: 2, commands: 4, statements: 3, messages: 1 },
    description: 'Readers see the present rows until the new ones are complete. The answer names the job.',
    params: groupParams,
    answer: z.object({ jobId: z.string() }),
    status: 202,
    effect: 'The job',
    problems: [404],
    run: async ({ params }, services) => ({ jobId: await requestRebuild(services, consumerOf(params)) }),
  });
  return router;
}

/** Groups the consumers by the name of their stream. */
export function byStream(consumers: readonly Consumer[]): ReadonlyMap<string, readonly Consumer[]> {
  return Map.groupBy(consumers, ({ stream }) => stream.name);
}

/**
 * Returns the consumer group with this name.
 * @throws {ProblemError} 404 if the group does not exist.
 */
export function findGroup(consumers: readonly Consumer[], stream: string, group: string): Consumer {
  const found = consumers.find((consumer) => consumer.stream.name === stream && consumer.name === group);
  if (!found) throw notFound('consumer group');
  return found;
}

/**
 * Requests another attempt at the events that a group has put aside, with an entry in the audit trail, and returns their
 * number. 1 transaction; 1 request to Redis if there are events.
 * @param key only the events of this key; `null` for all events.
 */
export async function replayGroup(
  { scope, tenant, caller }: Pick<Services, 'scope' | 'tenant' | 'caller'>,
  consumer: Consumer,
  key: string | null,
): Promise<number> {
  const { stream, name } = consumer;
  const events = await tenant.commit(async (tx) => {
    const count = await askForReplay(tx, { tenant: tenant.tenant, stream: stream.name, name }, key);
    const data = { events: count, ...(key !== null && { key }) };
    await tx.audit({ action: 'events.replayed', entity: entityOf(consumer), data });
    return count;
  });
  if (events > 0) await wake(scope, [{ tenant: tenant.tenant, name: stream.name, group: name }]);
  scope.log.info('streams.admin.replay', { stream: stream.name, group: name, events, by: caller.id });
  return events;
}

/**
 * Enqueues the job that rebuilds a projection, with its entry in the audit trail, and returns the id of the job. 1
 * transaction.
 * @throws {ProblemError} 409 `NOT_A_PROJECTION`
 */
async function requestRebuild({ scope, tenant, caller }: Services, consumer: Consumer): Promise<string> {
  const { stream, name, rebuild } = consumer;
  if (!rebuild) throw new ProblemError(409, 'NOT_A_PROJECTION', 'Only a projection can be rebuilt');
  const jobId = await tenant.commit(async (tx) => {
    const id = await enqueue(tx, rebuild, {});
    await tx.audit({ action: 'rebuild.requested', entity: entityOf(consumer), data: { jobId: id } });
    return id;
  });
  scope.log.info('streams.admin.rebuild', { stream: stream.name, group: name, by: caller.id });
  return jobId;
}

/** The consumer group, as entries of the audit trail name it. */
const entityOf = ({ stream, name }: Consumer) => ({ type: 'consumer', id: `${stream.name}:${name}` });
