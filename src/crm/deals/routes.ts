/** `/deals` */
import { createRouter } from '../../platform/http/index.ts';
import { oneSchema, resource, view } from '../../platform/rest/index.ts';
import { dealFeed, dealsFeed } from '../feeds.ts';
import { dealHistory } from './history.ts';
import { dealById, dealPage, dealPipeline } from './queries.ts';
import {
  dealChangesSchema,
  dealHistorySchema,
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
  cost: { miss: { statements: 2 } },
  answer: pipelineSchema,
  query: dealPipeline,
  args: () => ({}),
  live: () => dealsFeed.name,
});

view(dealRoutes, {
  id: 'deals.getHistory',
  path: '/deals/{id}/history',
  tag: 'Deals',
  access: 'crm:read',
  summary: 'Get the stages that a deal has been in',
  cost: { miss: { statements: 2 } },
  description: 'A change appears a few seconds after its write. Deals from before the first event have no history.',
  answer: dealHistorySchema,
  params: oneSchema,
  query: dealHistory,
  args: ({ id }) => ({ id }),
  missing: 'deal',
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
    live: { list: dealsFeed.name, one: (id) => `${dealFeed.name}:${id}` },
    costs: {
      list: { miss: { statements: 2 } },
      get: { miss: { statements: 2 } },
      create: { requests: 5, commands: 9, statements: 7, messages: 2 },
      update: { requests: 5, commands: 9, statements: 8, messages: 2 },
      delete: { requests: 5, commands: 9, statements: 8, messages: 2 },
    },
    queries: { one: dealById, page: dealPage },
    writes: { create: createDeal, update: updateDeal, remove: deleteDeal },
  }),
);
