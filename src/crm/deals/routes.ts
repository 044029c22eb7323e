/** `/deals` */
import { createRouter } from '../../platform/http/index.ts';
import { resource } from '../resource.ts';
import { view } from '../view.ts';
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

// Registered before the resource, because `/deals/{id}` would match this path too.
view(dealRoutes, {
  path: '/deals/pipeline',
  tag: 'Deals',
  summary: 'Get the count and value of the deals in each stage',
  schema: pipelineSchema,
  query: dealPipeline,
  args: () => ({}),
});

dealRoutes.route(
  '/',
  resource({
    singular: 'deal',
    plural: 'deals',
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
