/** `/deliveries`: refused requests to the delivery routes of QStash. Only for operators of the service. */
import { createRoute, type OpenAPIHono, z } from '@hono/zod-openapi';
import { type AppEnv, createRouter, guarded, json, problems } from '../../http/index.ts';
import { REFUSALS, type Refusal, type Refusals, readRefusals } from '../qstash/refusals.ts';
import { operatorsOnly } from './operators.ts';

const count = z.number().int();
const countsSchema = z
  .object(Object.fromEntries(REFUSALS.map((reason) => [reason, count])) as Record<Refusal, typeof count>)
  .openapi('RefusedDeliveries');

/** The route, over what this isolate has counted. */
export function deliveryRoutes(refusals: Refusals): OpenAPIHono<AppEnv> {
  const route = createRoute(
    guarded(
      { access: 'jobs:admin' },
      {
        operationId: 'deliveries.countRefused',
        method: 'get',
        path: '/deliveries',
        tags: ['Jobs'],
        summary: 'Count refused deliveries by reason',
        description:
          'Of this isolate since its start, and of all isolates today. Concerns all tenants. Only for administrators of the operating tenant.',
        responses: {
          200: json(z.object({ refused: z.object({ isolate: countsSchema, today: countsSchema }) }), 'The counts'),
          ...problems(503),
        },
      },
    ),
  );
  return createRouter().openapi(route, async (c) => {
    operatorsOnly(c);
    const { redis, system } = c.var.scope;
    const today = await readRefusals(redis, system.now());
    return c.json({ refused: { isolate: { ...refusals.isolate }, today } }, 200);
  });
}
