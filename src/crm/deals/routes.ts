/** `/deals` */
import { createRouter } from '../../platform/http/index.ts';
import { resource, view } from '../../platform/rest/index.ts';
import { dealById, dealPage, dealPipeline } from './queries.ts';
import {
  dealChangesSchema,
  dealPageQuerySchema,
  dealPageSchema,
  dealSchema,
  newDealSchema,
  pipelineSchema,
} from './schema.ts';
import { createDeal, deleteDeal, updateDeal } from './writes.ts';

export const dealRoutes = createRouter();

// This route is registered before the resource, because `/deals/{id}` would match this path too.
view(dealRoutes, {
  id: 'deals.getPipeline',
  path: '/deals/pipeline',
  tag: 'Deals',
  access: 'crm:read',
  summary: 'Get the count and value of the deals in each stage',
  answer: pipelineSchema,
  query: dealPipeline,
  args: () => ({}),
});

dealRoutes.route(
  '/',
  resource({
    singular: 'deal',
    plural: 'deals',
    access: { read: 'crm:read', write: 'crm:write' },
    schemas: {
      item: dealSchema,
      page: dealPageSchema,
      pageQuery: dealPageQuerySchema,
      create: newDealSchema,
      changes: dealChangesSchema,
    },
    queries: { one: dealById, page: dealPage },
    writes: { create: createDeal, update: updateDeal, remove: deleteDeal },
  }),
);
