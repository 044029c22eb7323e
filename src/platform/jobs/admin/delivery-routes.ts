/** `/deliveries`: counts of refused requests to the delivery routes, for operators of the service only. */
import { type OpenAPIHono, z } from '@hono/zod-openapi';
import { type AppEnv, createRouter } from '../../http/index.ts';
import { FOR_OPERATORS, operatorsOnly, view } from '../../rest/index.ts';
import { REFUSALS, type Refusal, type Refusals, readRefusals } from '../qstash/refusals.ts';

const count = z.number().int();
const countsSchema = z
  .object(Object.fromEntries(REFUSALS.map((reason) => [reason, count])) as Record<Refusal, typeof count>)
  .openapi('RefusedDeliveries');

/** Creates the route. `refusals` contains the counts of this isolate. */
export function deliveryRoutes(refusals: Refusals): OpenAPIHono<AppEnv> {
  const router = createRouter();
  view(router, {
    id: 'deliveries.countRefused',
    path: '/deliveries',
    tag: 'Jobs',
    summary: 'Count refused deliveries by reason',
    cost: { requests: 2, commands: 4, statements: 0 },
    description: `Of this isolate since its start, and of all isolates today. ${FOR_OPERATORS}`,
    access: 'jobs:admin',
    answer: z.object({ refused: z.object({ isolate: countsSchema, today: countsSchema }) }),
    effect: 'The counts',
    async load(_input, services) {
      operatorsOnly(services);
      const today = await readRefusals(services.scope);
      return { refused: { isolate: { ...refusals.isolate }, today } };
    },
  });
  return router;
}
