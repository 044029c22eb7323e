/** `/me/lists/{list}`: how you have a list of the app set up. Machines look at none. */
import { createRoute } from '@hono/zod-openapi';
import type { Context } from 'hono';
import {
  type AppEnv,
  answerQuery,
  createRouter,
  guarded,
  json,
  jsonBody,
  notFound,
  problems,
} from '../../platform/http/index.ts';
import { listSettings } from './queries.ts';
import { listParamsSchema, listSettingsSchema } from './schema.ts';

export const listRoutes = createRouter();
const tags = ['Lists'];
const path = '/me/lists/{list}';
// Whoever may look at lists may have them as they like.
const access = 'crm:read';

const get = createRoute(
  guarded(
    { access },
    {
      method: 'get',
      path,
      tags,
      summary: 'How you have a list set up',
      request: { params: listParamsSchema },
      responses: {
        200: json(listSettingsSchema, 'Its settings; those of a new list if you set up none'),
        ...problems(400, 404),
      },
    },
  ),
);
listRoutes.openapi(get, async (c) => {
  const { list } = c.req.valid('param');
  return (await answerQuery(c, listSettings, { userId: personOf(c), list })) as never;
});

const put = createRoute(
  guarded(
    { access },
    {
      method: 'put',
      path,
      tags,
      summary: 'Set up a list of yours',
      description:
        'Replaces all of its settings. What you read has them at once, everywhere; the database within a minute.',
      request: { params: listParamsSchema, body: jsonBody(listSettingsSchema) },
      responses: { 204: { description: 'They are saved' }, ...problems(400, 404, 415, 503) },
    },
  ),
);
listRoutes.openapi(put, async (c) => {
  const { list } = c.req.valid('param');
  await c.var.tenant.cache.writeBehind(listSettings, { userId: personOf(c), list }, c.req.valid('json'));
  return c.body(null, 204);
});

function personOf(c: Context<AppEnv>): string {
  const { userId } = c.var.caller;
  if (userId === null) throw notFound('list');
  return userId;
}
